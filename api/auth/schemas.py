"""Accounts on the wire."""

from datetime import datetime
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic.config import JsonDict

from services.auth.documents import Role
from services.auth.passwords import is_common


def _is_email(value: str) -> str:
    """As it was typed, if mail can go there. Names reserved for tests (``.test``) pass."""
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError):
        raise ValueError("Must be an e-mail address.") from None
    return value


def _is_text(value: str) -> str:
    """Nobody can type a NUL, and much software takes it for the end."""
    try:
        value.encode()
    except UnicodeError:
        raise ValueError("Must be valid Unicode text.") from None
    if "\x00" in value:
        raise ValueError("Must not contain a NUL character.")
    return value


def _is_not_common(value: str) -> str:
    if is_common(value):
        raise ValueError("Is one of the passwords that are tried first. Choose another.")
    return value


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=254),
    AfterValidator(_is_email),
    Field(json_schema_extra={"format": "email"}),
]
NewPassword = Annotated[
    str,
    StringConstraints(min_length=8, max_length=128),
    AfterValidator(_is_text),
    AfterValidator(_is_not_common),
]
Password = Annotated[NewPassword, Field(repr=False, json_schema_extra={"format": "password"})]
"""A new one. No rules about what must be in it, but not one that is tried first (ASVS 6.2)."""

AnyPassword = Annotated[
    str, StringConstraints(min_length=1, max_length=128), AfterValidator(_is_text)
]
PasswordTried = Annotated[AnyPassword, Field(repr=False, json_schema_extra={"format": "password"})]

LinkToken = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_is_text),
    Field(repr=False, description="What follows `#token=` in the link from the mail."),
]

EXAMPLE: JsonDict = {"email": "ann@example.com", "password": "correct horse battery staple"}


class Register(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    email: Email
    password: Password

    @field_validator("password")
    @classmethod
    def _not_the_address(cls, value: str, info: ValidationInfo) -> str:
        email: str = info.data.get("email", "")
        if value.lower() in (email.lower(), email.lower().partition("@")[0]):
            raise ValueError("Is your e-mail address. Choose another.")
        return value


class Login(BaseModel):
    """An attempt to sign in."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    email: Email
    password: PasswordTried


class Confirm(BaseModel):
    """Confirm the address; with a password when not signed in to the account."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"token": "p8Vb0vJ3…"}]}
    )

    token: LinkToken
    password: Annotated[
        NewPassword | None, Field(repr=False, json_schema_extra={"format": "password"})
    ] = None


class ResetRequest(BaseModel):
    """Mail a link to this address."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"email": "ann@example.com"}]}
    )

    email: Email


class ResetConfirm(BaseModel):
    """Set this password."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"token": "p8Vb0vJ3…", "password": "correct horse battery staple"}]
        },
    )

    token: LinkToken
    password: Password


class UserView(BaseModel):
    """A user, as they see themselves."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0b1e6a3c-5a52-4a0e-9d0a-3f6f3f1f9f10",
                    "email": "ann@example.com",
                    "email_verified": False,
                    "role": "user",
                    "created_at": "2027-04-01T09:00:00Z",
                }
            ]
        },
    )

    id: str
    email: str
    email_verified: bool
    role: Role = Field(description="`operator` for people on duty, `user` for everybody else.")
    created_at: datetime
