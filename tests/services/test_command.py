"""Roles are given by a command, to people whose address is confirmed."""

import os
import subprocess
import sys
from datetime import UTC, datetime

from services.auth.documents import Role
from services.auth.store import AuthStore
from services.database import Databases, MongoSettings

NOON = datetime(2027, 5, 1, 12, tzinfo=UTC)


def run(settings: MongoSettings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "services", *arguments],
        env={
            **os.environ,
            "MONGODB_URI": settings.uri,
            "MONGODB_DATABASE_PREFIX": settings.database_prefix,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_a_role_is_granted_and_revoked(
    databases: Databases, mongo_settings: MongoSettings
) -> None:
    users = AuthStore()
    ann = await users.add("ann@example.com", password_hash="x", at=NOON)
    refused = run(mongo_settings, "grant-operator", "ann@example.com")
    assert refused.returncode == 1
    assert "Nobody has confirmed" in refused.stderr
    await users.prove(ann.id, absorbing=[])
    for command, role in (
        ("grant-operator", Role.OPERATOR),
        ("grant-operator", Role.OPERATOR),
        ("revoke-operator", Role.USER),
    ):
        done = run(mongo_settings, command, "Ann@Example.com")
        assert done.returncode == 0, done.stderr
        found = await users.get_user(ann.id)
        assert found is not None
        assert found.role is role


def test_a_database_that_is_away_is_told_in_one_line() -> None:
    away = MongoSettings(uri="mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200")
    done = run(away, "grant-operator", "ann@example.com")
    assert done.returncode == 1
    assert done.stderr.startswith("MongoDB (MONGODB_URI) could not be prepared")
    assert done.stderr.count("\n") == 1
