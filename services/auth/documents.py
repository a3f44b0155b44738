"""What the auth database holds."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from beanie import Document
from pydantic import Field
from pymongo import ASCENDING, IndexModel

from services.clock import now
from services.ids import PersonIds, new_id
from services.records import Record


class Role(StrEnum):
    """What somebody is to this marketplace."""

    USER = "user"
    OPERATOR = "operator"


class Scope(StrEnum):
    """What a personal API token allows."""

    TICKETS_WRITE = "tickets:write"
    ORDERS_WRITE = "orders:write"
    ORDERS_READ = "orders:read"


class User(Record):
    """A person with an account.

    ``email`` is as typed, ``email_key`` is its folded form. Anybody may open an account under any
    address; it belongs to the one account that has proven it (``email_verified``), which at that
    moment takes the place of the others: they are ``absorbed``, nobody can sign in to them any
    more, and what was bought and listed under them is the proven account's.
    """

    id: str = Field(default_factory=new_id)
    email: str
    email_key: str | None
    email_verified: bool = False
    password_hash: str | None = Field(default=None, repr=False)
    role: Role = Role.USER
    absorbed: list[str] = Field(default_factory=list)
    absorbed_by: str | None = None
    session_epoch: int = 0
    """Counts the passwords; a session is good in the epoch it was opened in."""
    trust_epoch: int = 0
    """Counts the resets; an API token or an identity is good in the epoch it was made in."""
    created_at: datetime = Field(default_factory=now)

    @property
    def ids(self) -> PersonIds:
        """Every id under which this person has bought and listed; their own comes first."""
        return (self.id, *self.absorbed)

    class Settings:
        """Collection and indexes."""

        name = "users"
        indexes: ClassVar = [
            IndexModel(
                [("email_key", ASCENDING)],
                name="one_proven_user_per_email",
                unique=True,
                partialFilterExpression={"email_verified": True},
            ),
            IndexModel(
                [
                    ("email_key", ASCENDING),
                    ("email_verified", ASCENDING),
                    ("created_at", ASCENDING),
                ],
                name="users_of_an_email",
            ),
        ]


class Session(Record):
    """A signed-in browser; the id is the hash of its token, which only the browser has."""

    user_id: str
    epoch: int = 0
    public_id: str = Field(default_factory=new_id)
    """What the session is called where its user sees it."""
    user_agent: str | None = None
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


class ApiToken(Record):
    """A program that acts for a user; the id is the hash of the token, which only it has."""

    user_id: str
    epoch: int = 0
    public_id: str = Field(default_factory=new_id)
    name: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None = None
    expires_at: datetime | None = None

    class Settings:
        """Collection and indexes; MongoDB clears away what has expired."""

        name = "api_tokens"
        indexes: ClassVar = [
            IndexModel([("expires_at", ASCENDING)], name="forget_tokens", expireAfterSeconds=0),
            IndexModel([("user_id", ASCENDING)], name="tokens_of_a_user"),
        ]


class Identity(Record):
    """A user at a sign-in provider. Who it is, is ``issuer`` and ``subject``, never an address."""

    user_id: str
    epoch: int = 0
    provider: str
    issuer: str
    subject: str
    email: str
    """The address that the provider had verified when the identity was linked; for people."""
    linked_at: datetime

    class Settings:
        """Collection and indexes; ``_id`` is made of issuer and subject and so unique."""

        name = "identities"
        indexes: ClassVar = [
            IndexModel(
                [("user_id", ASCENDING), ("provider", ASCENDING)],
                name="one_identity_per_user_and_provider",
                unique=True,
            ),
        ]


class LetterKind(StrEnum):
    """Why somebody is written to about an account."""

    VERIFY = "verify"
    RESET = "reset"


class LetterRequest(Record):
    """A letter that was asked for. Workflows know only its id.

    The address that was typed is kept here, and only here, until the letter is settled: whether
    there is an account behind it is found out by the step that writes, so that asking looks the
    same either way.
    """

    id: str = Field(default_factory=new_id)
    kind: LetterKind
    user_id: str | None = None
    email: str | None = Field(default=None, repr=False)
    created_at: datetime
    settled_at: datetime | None = None
    """When it was sent, or found to be for nobody."""
    provider_id: str | None = None

    class Settings:
        """Collection and indexes; MongoDB clears away what is long done."""

        name = "letter_requests"
        indexes: ClassVar = [
            IndexModel(
                [("created_at", ASCENDING)],
                name="forget_letter_requests",
                expireAfterSeconds=7 * 24 * 3600,
            ),
            IndexModel([("user_id", ASCENDING)], name="letter_requests_of_a_user"),
        ]


class Link(Record):
    """A link in a letter; the id is the hash of its token, which only the letter has."""

    kind: LetterKind
    user_id: str
    expires_at: datetime

    class Settings:
        """Collection and indexes; MongoDB clears away what has expired."""

        name = "links"
        indexes: ClassVar = [
            IndexModel([("expires_at", ASCENDING)], name="forget_links", expireAfterSeconds=0),
            IndexModel([("user_id", ASCENDING)], name="links_of_a_user"),
        ]


class SignInAttempt(Record):
    """Somebody on their way to a sign-in provider and back.

    The id is the hash of a token that only their browser has: whoever comes back with another
    browser is not the one who left.
    """

    provider: str
    state: str
    """The hash of what the provider must hand back."""
    next: str
    """The page to show afterwards, a path of ours."""
    user_id: str | None = None
    """Whose account the identity is to be linked to; None for a sign-in."""
    code_verifier: str = Field(repr=False)
    """What PKCE has us show when the code is exchanged."""
    nonce: str | None = Field(default=None, repr=False)
    """What an id token must repeat, at providers that give one."""
    expires_at: datetime

    class Settings:
        """Collection and indexes; MongoDB clears away what has expired."""

        name = "sign_in_attempts"
        indexes: ClassVar = [
            IndexModel([("expires_at", ASCENDING)], name="forget_attempts", expireAfterSeconds=0),
        ]


DOCUMENTS: list[type[Document]] = [
    User,
    Session,
    ApiToken,
    Identity,
    LetterRequest,
    Link,
    SignInAttempt,
]
