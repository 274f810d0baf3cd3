#!/bin/sh
# Makes a self-signed certificate for SERVER_NAME if there is no certificate. It also replaces a certificate that it made
# earlier, when that has expired or has another name.
set -eu

folder=/etc/nginx/certificate
certificate=$folder/certificate.pem
key=$folder/key.pem
# The issuer of the certificates made here. Certificates of other issuers are never replaced.
issuer="self-signed by nginx of messageToHash"

fail() {
    echo "nginx: $*" >&2
    exit 1
}

# must_read FILE REMEDY: root in this container has no special rights, so the owner must allow it to read the file.
must_read() {
    { cat "$1" || ls "$1/"; } >/dev/null 2>&1 ||
        fail "$1 belongs to user $(stat -Lc %u "$1"), and root in this container cannot read it: $2"
}

must_read "$folder" "run chmod a+rx on the folder"
case $SERVER_NAME in
    '' | *[!A-Za-z0-9.:*-]*) fail "SERVER_NAME is not the name of a host: $SERVER_NAME" ;;
    *:* | *[0-9].[0-9]*.[0-9]*.[0-9]*) name=IP:$SERVER_NAME ;;
    *) name=DNS:$SERVER_NAME ;;
esac

if [ -e "$certificate" ] || [ -e "$key" ]; then
    if ! [ -e "$certificate" ] || ! [ -e "$key" ]; then
        fail "certificate.pem and key.pem belong together, but one of them is missing"
    fi
    must_read "$certificate" "run chown root on the file"
    must_read "$key" "run chown root on the file"
    subject=$(openssl x509 -in "$certificate" -noout -subject -nameopt multiline) ||
        fail "certificate.pem is not a certificate in PEM format"
    is_own=$(echo "$subject" | grep "= $issuer\$" || true)
    has_expired=$(openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null || echo yes)
    has_other_name=$(echo "$subject" | grep -q "= $SERVER_NAME\$" || echo yes)
    if [ -z "$is_own" ]; then
        [ -z "$has_expired" ] || echo "nginx: $certificate has EXPIRED" >&2
        exit 0
    fi
    [ -n "$has_expired$has_other_name" ] || exit 0
fi

umask 077
{
    printf '[req]\ndistinguished_name = name\nx509_extensions = extensions\nprompt = no\n'
    printf '[name]\nCN = %s\nO = %s\n' "$SERVER_NAME" "$issuer"
    printf '[extensions]\nbasicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n'
    printf 'extendedKeyUsage = serverAuth\nsubjectAltName = %s, DNS:localhost, IP:127.0.0.1\n' "$name"
} | openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -config /dev/stdin \
    -keyout "$key" -out "$certificate" 2>/dev/null || fail "openssl cannot make a certificate for $SERVER_NAME"
chmod 644 "$certificate"
echo "nginx: a SELF-SIGNED certificate was made for $SERVER_NAME; use it only for tests" >&2
