"""The key that signs Google's id tokens."""

import json
import sqlite3
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

ALGORITHM: Final = "RS256"
BITS: Final = 2048


class SigningKey:
    """One RSA key, made when the file is new and the same ever after."""

    def __init__(self, store: sqlite3.Connection) -> None:
        row = store.execute("SELECT jwk FROM keys").fetchone()
        if row is None:
            self._key = _generate(None)
            jwk = json.dumps(self._key.as_dict(private=True))
            with store:
                store.execute("INSERT INTO keys (id, jwk) VALUES (1, ?)", (jwk,))
        else:
            self._key = RSAKey.import_key(json.loads(row["jwk"]))

    def public(self) -> dict[str, Any]:
        """The JWK set that clients check signatures with."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def sign(self, claims: dict[str, Any], *, foreign: bool = False) -> str:
        """A signed token; a foreign one names our key but is signed by another."""
        key = _generate(self._key.kid) if foreign else self._key
        return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": self._key.kid}, claims, key)


def _generate(kid: str | None) -> RSAKey:
    return RSAKey.generate_key(
        BITS, {"alg": ALGORITHM, "use": "sig", **({"kid": kid} if kid else {})}, auto_kid=not kid
    )
