#!/bin/sh
# Makes a self-signed certificate for SERVER_NAME where there is none, or where the one that it made is for another
# name or over.
set -eu

folder=/etc/nginx/certificate
certificate=$folder/certificate.pem
key=$folder/key.pem
# Who issues those that are made here, so that no other is replaced.
issuer="self-signed by nginx of messageToHash"

fail() {
    echo "nginx: $*" >&2
    exit 1
}

# must_read FILE WHAT_HELPS: root in this container may read no more than its owner lets it.
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
        fail "certificate.pem and key.pem belong together, and only one of them is there"
    fi
    must_read "$certificate" "run chown root on the file"
    must_read "$key" "run chown root on the file"
    subject=$(openssl x509 -in "$certificate" -noout -subject -nameopt multiline) ||
        fail "certificate.pem is no certificate in PEM"
    is_ours=$(echo "$subject" | grep "= $issuer\$" || true)
    is_over=$(openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null || echo yes)
    other_name=$(echo "$subject" | grep -q "= $SERVER_NAME\$" || echo yes)
    if [ -z "$is_ours" ]; then
        [ -z "$is_over" ] || echo "nginx: $certificate has EXPIRED" >&2
        exit 0
    fi
    [ -n "$is_over$other_name" ] || exit 0
fi

umask 077
{
    printf '[req]\ndistinguished_name = name\nx509_extensions = extensions\nprompt = no\n'
    printf '[name]\nCN = %s\nO = %s\n' "$SERVER_NAME" "$issuer"
    printf '[extensions]\nbasicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature\n'
    printf 'extendedKeyUsage = serverAuth\nsubjectAltName = %s, DNS:localhost, IP:127.0.0.1\n' "$name"
} | openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -config /dev/stdin \
    -keyout "$key" -out "$certificate" 2>/dev/null || fail "openssl makes no certificate for $SERVER_NAME"
chmod 644 "$certificate"
echo "nginx: a SELF-SIGNED certificate was made for $SERVER_NAME: good for trying it out" >&2
