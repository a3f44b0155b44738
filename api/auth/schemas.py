"""Accounts on the wire."""

from datetime import datetime
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict


def _is_email(value: str) -> str:
    """As it was typed, if mail can go there. Names reserved for tests (``.test``) pass."""
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError):
        raise ValueError("Must be an e-mail address.") from None
    return value


def _is_unicode(value: str) -> str:
    try:
        value.encode()
    except UnicodeError:
        raise ValueError("Must be valid Unicode text.") from None
    return value


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=254),
    AfterValidator(_is_email),
    Field(json_schema_extra={"format": "email"}),
]
Password = Annotated[
    str,
    StringConstraints(min_length=8, max_length=128),
    AfterValidator(_is_unicode),
    Field(repr=False, json_schema_extra={"format": "password"}),
]
PasswordTried = Annotated[
    str,
    StringConstraints(min_length=1, max_length=128),
    AfterValidator(_is_unicode),
    Field(repr=False, json_schema_extra={"format": "password"}),
]

EXAMPLE: JsonDict = {"email": "ann@example.com", "password": "correct horse battery staple"}


class Register(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    email: Email
    password: Password


class Login(BaseModel):
    """An attempt to sign in."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    email: Email
    password: PasswordTried


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
                    "created_at": "2027-04-01T09:00:00Z",
                }
            ]
        },
    )

    id: str
    email: str
    email_verified: bool
    created_at: datetime
