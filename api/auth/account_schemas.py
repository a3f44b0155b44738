"""One's own account on the wire: who may get in, and how."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.auth.schemas import AnyPassword, Password, PasswordTried, UserView
from api.orders.schemas import OrderView
from api.tickets.schemas import TicketView
from services.auth.documents import Scope

TokenName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


class PasswordChange(BaseModel):
    """Another password instead of this one."""

    model_config = ConfigDict(extra="forbid")

    current_password: PasswordTried
    password: Password


class IdentityView(BaseModel):
    """A provider that signs in to the account."""

    model_config = ConfigDict(from_attributes=True)

    provider: str = Field(examples=["google"])
    email: str = Field(description="The address that the provider had verified then.")
    linked_at: datetime


class AccountView(UserView):
    """An account, as its owner sees it."""

    has_password: bool = Field(description="Or signs in with a provider only.")
    identities: list[IdentityView]


class SessionView(BaseModel):
    """A browser that is signed in."""

    id: str
    created_at: datetime
    last_seen_at: datetime = Field(description="Exact to the hour.")
    expires_at: datetime
    user_agent: str | None = Field(description="What the browser calls itself.")
    current: bool = Field(description="Whether it is the one that asks.")


class SessionList(BaseModel):
    """Where the account is signed in."""

    items: list[SessionView]


class TokenDraft(BaseModel):
    """A token for a program."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "box office", "scopes": ["tickets:write"]}]},
    )

    name: TokenName
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    expires_in_days: int | None = Field(default=None, strict=True, ge=1, le=366)


class TokenView(BaseModel):
    """A token, as it can be shown again."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None = Field(description="Exact to the minute.")
    expires_at: datetime | None


class NewTokenView(TokenView):
    """A token that has just been made."""

    token: str = Field(description="Shown this once.", examples=["tex_p8Vb0vJ3…"])


class TokenList(BaseModel):
    """The programs that act for the account."""

    items: list[TokenView]


class Closing(BaseModel):
    """Close the account, for good."""

    model_config = ConfigDict(extra="forbid")

    password: AnyPassword | None = Field(
        default=None,
        repr=False,
        description="Needed when the account has one.",
        json_schema_extra={"format": "password"},
    )


class Export(BaseModel):
    """Everything that is kept about a person."""

    account: AccountView
    sessions: list[SessionView]
    tokens: list[TokenView]
    tickets: list[TicketView]
    orders: list[OrderView]
