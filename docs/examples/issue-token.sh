#!/usr/bin/env bash
# Issues a token for trying out identity, without a provider. Not for production.
#
#   docs/examples/issue-token.sh SCOPE... >token
#
# The first call makes the private key key.pem and its public half keys.json, for --identity-jwks-file.
set -euo pipefail

base64url() { basenc --base64url --wrap 0 | tr -d =; }

if [ ! -e key.pem ]; then
    openssl genpkey -algorithm ed25519 -out key.pem
    # The last 32 bytes are the key (RFC 8410).
    x=$(openssl pkey -in key.pem -pubout -outform DER | tail -c 32 | base64url)
    echo '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "example", "x": "'"$x"'"}]}' >keys.json
fi

header='{"alg": "EdDSA", "kid": "example"}'
claims='{"iss": "https://issuer.example/", "aud": "messages", "sub": "alice", "scope": "'"$*"'",
    "exp": '$(($(date +%s) + 3600))'}'
signed=$(base64url <<<"$header").$(base64url <<<"$claims")
# openssl signs with Ed25519 from a file only.
unsigned=$(mktemp)
trap 'rm -f "$unsigned"' EXIT
printf %s "$signed" >"$unsigned"
echo "$signed.$(openssl pkeyutl -sign -rawin -inkey key.pem -in "$unsigned" | base64url)"
