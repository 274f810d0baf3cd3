"""An issuer of tokens: an RSA key and signatures (RS256) by openssl, and the key set for `--identity-jwks-file`."""

import base64
import json
import subprocess
import time

ISSUER, AUDIENCE, KEY_ID = "https://issuer.bench/", "messages", "bench"
HOURS = 12


class Issuer:
    """Its files are in `folder`."""

    def __init__(self, folder):
        self._key, self._keys = folder / "issuer.pem", folder / "issuer.json"
        _openssl("genrsa", "-out", self._key, "2048")
        modulus = _openssl("rsa", "-in", self._key, "-noout", "-modulus").decode().strip().partition("=")[2]
        key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID, "e": "AQAB"}
        self._keys.write_text(json.dumps({"keys": [{**key, "n": _base64(bytes.fromhex(modulus))}]}))

    @property
    def options(self):
        """The server's, so that it asks for tokens of this issuer."""
        return [
            "--identity-issuer", ISSUER, "--identity-audience", AUDIENCE, "--identity-jwks-file", str(self._keys),
        ]  # fmt: skip

    def token(self):
        """One that may read and write."""
        head = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "bench", "scope": "messages:read messages:write",
            "iat": now, "exp": now + HOURS * 3600,
        }  # fmt: skip
        signed = ".".join(_base64(json.dumps(part).encode()) for part in (head, claims))
        signature = _openssl("dgst", "-sha256", "-sign", self._key, "-binary", given=signed.encode())
        return f"{signed}.{_base64(signature)}"


def _base64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(*arguments, given=None):
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout
