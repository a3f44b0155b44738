"""What the auth database holds."""

from datetime import datetime
from typing import ClassVar

from beanie import Document
from pydantic import Field
from pymongo import ASCENDING, IndexModel

from services.clock import now
from services.ids import new_id
from services.records import Record


class User(Record):
    """A person with an account. ``email`` is as typed, ``email_key`` is what must be unique."""

    id: str = Field(default_factory=new_id)
    email: str
    email_key: str
    email_verified: bool = False
    password_hash: str = Field(repr=False)
    created_at: datetime = Field(default_factory=now)

    class Settings:
        """Collection and indexes."""

        name = "users"
        indexes: ClassVar = [
            IndexModel([("email_key", ASCENDING)], name="one_user_per_email", unique=True),
        ]


class Session(Record):
    """A signed-in browser; the id is the hash of its token, which only the browser has."""

    user_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    class Settings:
        """Collection and indexes; MongoDB clears away what has expired."""

        name = "sessions"
        indexes: ClassVar = [
            IndexModel([("expires_at", ASCENDING)], name="forget_sessions", expireAfterSeconds=0),
            IndexModel([("user_id", ASCENDING)], name="sessions_of_a_user"),
        ]


DOCUMENTS: list[type[Document]] = [User, Session]
