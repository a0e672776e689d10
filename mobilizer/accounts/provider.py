"""The identity provider's side of a log-in (OpenID Connect, authorization code with PKCE): where to send somebody, and who
they are by what it answers. Needs the extra `oidc`. Everything here waits for another machine: hold no transaction.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from mobilizer.errors import N_, Refused

TIMEOUT = (5, 10)
"""Seconds to connect, and between two pieces of an answer."""
KNOWN_FOR = 600
SCOPE = "openid phone"
ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
]
"""Signatures with a key of the provider's own: neither none, nor one with a secret that is shared."""
LEEWAY = 60
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_NONSENSE = (ValueError, TypeError, LookupError, AttributeError)
"""What reading an answer ends in that is not as it should be; what is no JSON is also a RequestException."""
_described: dict[str, tuple[float, dict[str, Any]]] = {}


@dataclass(frozen=True, slots=True)
class Provider:
    """As the settings have it. `phone_claim` names the claim with the phone number; `<phone_claim>_verified` says that the
    provider has checked it."""

    issuer: str
    client_id: str
    client_secret: str | None
    phone_claim: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the provider means. `phone` is as it writes it, and None unless it says that it has verified it;
    `unverified`: there is one that it has not."""

    subject: str
    phone: str | None
    unverified: bool


def way_in(provider: Provider, back: str, *, state: str, nonce: str, verifier: str) -> str:
    """The address at the provider to send the browser to."""
    endpoint = _description(provider)["authorization_endpoint"]
    with _client(provider, back) as client:
        url, _state = client.create_authorization_url(
            endpoint, state=state, nonce=nonce, code_verifier=verifier
        )
    return str(url)


def person(provider: Provider, back: str, code: str, *, nonce: str, verifier: str, now: datetime) -> Person:
    """Who has come back with this code. Refused when the provider does not answer (503), says no, or says what cannot be
    trusted (502)."""
    description = _description(provider)
    try:
        with _client(provider, back) as client:
            token = client.fetch_token(
                description["token_endpoint"], code=code, code_verifier=verifier, timeout=TIMEOUT
            )
            keys = _fetched(client, description["jwks_uri"])
            claims = _claims(provider, str(token["id_token"]), keys, nonce, now)
            if provider.phone_claim not in claims and "userinfo_endpoint" in description:
                address = _safe(description["userinfo_endpoint"])
                more = _fetched(client, address, Authorization=f"Bearer {token['access_token']}")
                if more.get("sub") != claims["sub"]:
                    raise ValueError("userinfo of somebody else")
                claims = {**more, **claims}
    except OAuthError:
        raise Refused(
            "provider-no",
            N_("%(name)s did not confirm this log-in. Please try once more."),
            status=422,
            name=provider.name,
        ) from None
    except (JoseError, *_NONSENSE) as error:
        raise _not_trusted(provider) from error
    except RequestException:
        raise _silent(provider) from None
    return _person(provider, claims)


def _person(provider: Provider, claims: dict[str, Any]) -> Person:
    subject, phone = claims["sub"], claims.get(provider.phone_claim)
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise _not_trusted(provider)
    phone = phone if isinstance(phone, str) and phone.strip() else None
    verified = claims.get(f"{provider.phone_claim}_verified") is True
    return Person(subject, phone if verified else None, unverified=phone is not None and not verified)


def _claims(
    provider: Provider, id_token: str, keys: dict[str, Any], nonce: str, now: datetime
) -> dict[str, Any]:
    """What the token says, once its signature, issuer, audience, time and nonce are found right."""
    token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    registry.validate(token.claims)
    if token.claims.get("azp", provider.client_id) != provider.client_id:
        raise ValueError("a token for another client")
    return dict(token.claims)


def _description(provider: Provider) -> dict[str, Any]:
    """The provider's own description of itself, asked for anew every ten minutes."""
    known_at, description = _described.get(provider.issuer, (0.0, {}))
    if description and time.monotonic() < known_at + KNOWN_FOR:
        return description
    address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        with _client(provider, "") as client:
            description = _fetched(client, address)
        if description.get("issuer") != provider.issuer:
            raise ValueError("described by another issuer")
        for name in _ENDPOINTS:
            _safe(description[name])
    except _NONSENSE as error:
        raise _not_trusted(provider) from error
    except RequestException:
        raise _silent(provider) from None
    _described[provider.issuer] = (time.monotonic(), description)
    return description


def _client(provider: Provider, back: str) -> Any:
    """One session of Authlib's. It sends the secret as the provider wants it, or none at all."""
    offered = _described.get(provider.issuer, (0.0, {}))[1].get("token_endpoint_auth_methods_supported", [])
    basic = not offered or "client_secret_basic" in offered
    return OAuth2Session(
        provider.client_id,
        provider.client_secret,
        token_endpoint_auth_method=("client_secret_basic" if basic else "client_secret_post")
        if provider.client_secret
        else "none",
        scope=SCOPE,
        redirect_uri=back,
        code_challenge_method="S256",
    )


def _fetched(client: Any, address: str, **headers: str) -> dict[str, Any]:
    """A JSON object from the provider; without the client's own idea of when a token is too old to be sent."""
    response = client.get(address, headers=headers, timeout=TIMEOUT, withhold_token=True)
    response.raise_for_status()
    said = response.json()
    if not isinstance(said, dict):
        raise TypeError("not an object")
    return said


def _safe(address: Any) -> str:
    if not is_safe(str(address)):
        raise ValueError("an address without TLS")
    return str(address)


def is_safe(address: str) -> bool:
    """https, or this very machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    )


def _silent(provider: Provider) -> Refused:
    return Refused(
        "provider-silent",
        N_("%(name)s does not answer. Please try again in a moment, or log in with your password."),
        status=503,
        name=provider.name,
    )


def _not_trusted(provider: Provider) -> Refused:
    return Refused(
        "provider-not-trusted",
        N_("What %(name)s answered cannot be trusted. Nobody was logged in; please tell the administrator."),
        status=502,
        name=provider.name,
    )
