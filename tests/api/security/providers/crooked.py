"""A Google that has been tampered with: it says whatever a test has it say."""

import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

from devstack.serving import serving

Json = dict[str, Any]
CLIENT_ID = "google-client"
FORGERIES = ("none", "HS256")


class CrookedGoogle:
    """Discovery, keys and tokens that can be bent; as it is made, all of it is in order."""

    def __init__(self) -> None:
        self.issuer = ""
        self.discovery: Json = {}
        """Takes the place of what discovery says otherwise."""
        self.claims: Json = {}
        """Takes the place of what id tokens say otherwise; None leaves a claim out."""
        self.header: Json = {"alg": "RS256"}
        self.keys: Any = None
        """What is published in place of the keys."""
        self.nonce: str | None = None
        """What the browser's request asked for; real providers keep it with the code."""
        self.asked: list[str] = []
        self._key = RSAKey.generate_key(2048, auto_kid=True)

    def rotate(self) -> None:
        """Sign with another key from now on, and publish only that."""
        self._key = RSAKey.generate_key(2048, auto_kid=True)

    def app(self) -> FastAPI:
        """What it answers."""
        app = FastAPI(title="Crooked Google")

        @app.get("/.well-known/openid-configuration")
        async def discovery() -> Any:  # noqa: ANN401 - also what is no JSON object
            self.asked.append("discovery")
            usual = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
            return {**usual, **self.discovery}

        @app.get("/jwks")
        async def jwks() -> Any:  # noqa: ANN401 - also what is no JSON object
            self.asked.append("jwks")
            return self.keys or KeySet([self._key]).as_dict(private=False)

        @app.post("/token")
        async def token() -> Json:
            return {"access_token": "at", "token_type": "Bearer", "id_token": self._id_token()}

        return app

    def _id_token(self) -> str:
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "1234567890",
            "email": "ann@example.com",
            "email_verified": True,
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 600,
        }
        claims = {name: said for name, said in {**usual, **self.claims}.items() if said is not None}
        header = {"kid": self._key.kid, **self.header}
        if header["alg"] in FORGERIES:
            return self._forged(header, claims)
        registry = JWSRegistry(algorithms=[header["alg"]])
        return jwt.encode(header, claims, self._key, registry=registry)

    def _forged(self, header: Json, claims: Json) -> str:
        """By somebody without the key: not signed, or with the public key as a shared secret."""
        said = b".".join(urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims))
        secret = self._key.as_pem(private=False)
        seal = b"" if header["alg"] == "none" else hmac.digest(secret, said, "sha256")
        return b".".join([said, urlsafe_b64encode(seal)]).decode()


@asynccontextmanager
async def a_crooked_google() -> AsyncIterator[CrookedGoogle]:
    """It listens inside the block."""
    google = CrookedGoogle()
    async with serving(google.app()) as address:
        google.issuer = address
        yield google
