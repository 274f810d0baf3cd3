#!/bin/sh
# Makes a self-signed certificate where none is mounted.
set -eu

folder=/etc/nginx/certificate
certificate=$folder/certificate.pem
key=$folder/key.pem

if [ -e "$certificate" ] && [ -e "$key" ]; then
    openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null || echo "nginx: $certificate has EXPIRED" >&2
    exit 0
fi
if [ -e "$certificate" ] || [ -e "$key" ]; then
    echo "nginx: certificate.pem and key.pem belong together, and only one of them is there" >&2
    exit 1
fi

umask 077
{
    printf '[req]\ndistinguished_name = name\nx509_extensions = extensions\nprompt = no\n'
    printf '[name]\nCN = %s\n' "$SERVER_NAME"
    printf '[extensions]\nbasicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n'
    printf 'extendedKeyUsage = serverAuth\nsubjectAltName = DNS:%s, DNS:localhost, IP:127.0.0.1\n' "$SERVER_NAME"
} | openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -config /dev/stdin \
    -keyout "$key" -out "$certificate" 2>/dev/null
chmod 644 "$certificate"
echo "nginx: there is no certificate, so a SELF-SIGNED one was made for $SERVER_NAME: good for trying it out" >&2
