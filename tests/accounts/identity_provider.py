"""An identity provider (OpenID Connect) of our own making, to be started as a process: `... identity_provider PORT`.

It does what the standard asks of one: checks the client, its address to come back to, PKCE, and takes each code once. POST
/behave with JSON says who is at the browser, and which one thing it does wrong from now on.
"""

import base64
import hashlib
import hmac
import json
import secrets
import sys
import time
from typing import Any
from urllib.parse import urlencode

from flask import Flask, abort, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "mobilizer", "a secret of the two"


def made(issuer: str) -> Flask:
    app = Flask("identity_provider", static_folder=None)
    key = RSAKey.generate_key(2048, parameters={"kid": "one"}, private=True)
    stranger = RSAKey.generate_key(2048, parameters={"kid": "one"}, private=True)
    behaves: dict[str, Any] = {}
    codes: dict[str, dict[str, str]] = {}
    tokens: set[str] = set()

    def wrong(name: str) -> bool:
        return behaves.get("wrong") == name

    def person() -> dict[str, Any]:
        said = {"sub": "person-1", "phone_number": "+8619700000001", "phone_number_verified": True}
        return {
            name: value for name, value in (said | behaves.get("person", {})).items() if value is not None
        }

    @app.post("/behave")
    def behave() -> Any:
        behaves.clear()
        behaves.update(request.get_json())
        return ""

    @app.get("/.well-known/openid-configuration")
    def description() -> Any:
        said = {
            "issuer": "https://elsewhere.example" if wrong("described by another") else issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": "http://evil.example/token" if wrong("no TLS") else f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }
        return "not JSON" if wrong("no JSON") else said

    @app.get("/authorize")
    def authorize() -> Any:
        """Whoever is at the browser says yes at once."""
        asked = request.args
        if asked["client_id"] != CLIENT or asked["response_type"] != "code":
            abort(400)
        if asked["code_challenge_method"] != "S256" or "openid" not in asked["scope"].split():
            abort(400)
        if wrong("says no"):
            back = urlencode({"error": "access_denied", "state": asked["state"]})
            return redirect(f"{asked['redirect_uri']}?{back}")
        code = secrets.token_urlsafe(16)
        codes[code] = dict(asked)
        return redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    @app.post("/token")
    def token() -> Any:
        if wrong("breaks down"):
            abort(500)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {basic}":
            return {"error": "invalid_client"}, 401
        asked = codes.pop(request.form.get("code", ""), None)
        shown = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(shown).rstrip(b"=").decode()
        if (
            asked is None
            or asked["redirect_uri"] != request.form.get("redirect_uri")
            or asked["code_challenge"] != challenge
        ):
            return {"error": "invalid_grant"}, 400
        access = secrets.token_urlsafe(16)
        tokens.add(access)
        said = {"access_token": access, "token_type": "Bearer", "expires_in": 60}
        return said if wrong("no ID token") else said | {"id_token": id_token(asked["nonce"])}

    def id_token(nonce: str) -> str:
        now = int(time.time())
        old = wrong("expired")
        claims = {
            "iss": "https://elsewhere.example" if wrong("issuer") else issuer,
            "aud": "somebody else" if wrong("audience") else CLIENT,
            "nonce": "another" if wrong("nonce") else nonce,
            "iat": now - 7200 if old else now,
            "exp": now - 3600 if old else now + 300,
        }
        if wrong("azp"):
            claims |= {"aud": [CLIENT, "another"], "azp": "another"}  # type: ignore[dict-item]
        if wrong("no nonce"):
            del claims["nonce"]
        of_person = {"sub": person()["sub"]} if behaves.get("userinfo") else person()
        header = {"alg": "RS256", "kid": "one"}
        if wrong("alg none"):
            return by_hand({"alg": "none"}, claims | of_person, None)
        if wrong("alg HS256"):  # with the public key as if it were a secret that is shared
            return by_hand({"alg": "HS256", "kid": "one"}, claims | of_person, key.as_pem(private=False))
        return jwt.encode(header, claims | of_person, stranger if wrong("another key") else key)

    @app.get("/keys")
    def keys() -> Any:
        return {"keys": [key.as_dict(private=False)]}

    @app.get("/userinfo")
    def userinfo() -> Any:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in tokens:
            abort(401)
        return person() | ({"sub": "another"} if wrong("userinfo of another") else {})

    return app


def by_hand(header: dict[str, str], claims: dict[str, Any], secret: bytes | None) -> str:
    """A token such as no library would make."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)
    ]
    signature = hmac.new(secret, ".".join(parts).encode(), "sha256").digest() if secret else b""
    return ".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])


if __name__ == "__main__":
    port = int(sys.argv[1])
    made(f"http://127.0.0.1:{port}").run("127.0.0.1", port, threaded=True)
