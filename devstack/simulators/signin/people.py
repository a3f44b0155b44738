"""The people who have an account at a provider."""

import re
import secrets
import sqlite3
from itertools import chain, count
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from devstack.simulators.signin.settings import Provider

Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^[^@\s<>]+@[^@\s<>]+$")
]
Login = Annotated[
    str, StringConstraints(max_length=39, pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$")
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
GOOGLE_SUBJECTS: Final = (10**20, 10**21)
GITHUB_IDS: Final = (10**7, 10**9)


class Address(BaseModel):
    """A further address of a GitHub account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    email: Email
    verified: bool = True


class Draft(BaseModel):
    """An account as a person types it, or as a test plants it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: Provider
    subject: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,21}$")] | None = None
    """Google's ``sub`` or GitHub's ``id``; by default that of whoever has this login or, when none
    is given, this address; or else a new one. Two accounts may thus have one address, if a test
    says so.
    """
    name: Name
    email: Email
    """The primary address."""
    email_verified: bool = True
    login: Login | None = None
    """GitHub only; by default made from the address."""
    hide_email: bool = True
    """GitHub only: ``/user`` does not tell the address."""
    more_emails: tuple[Address, ...] = ()
    """GitHub only."""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.provider is Provider.GOOGLE and (self.login or self.more_emails):
            raise ValueError("a Google account has one address and no login")
        return self


class Person(Draft):
    """An account that exists."""

    subject: str
    login: str


class People:
    """All accounts; they stay until somebody resets the stand-ins."""

    def __init__(self, store: sqlite3.Connection) -> None:
        self._store = store

    def keep(self, draft: Draft) -> Person:
        """Make the account, or change the one that it is; the same draft again changes nothing."""
        known = self._known(draft)
        subject = draft.subject or (known.subject if known else _new_subject(draft.provider))
        login = draft.login or (known.login if known else self._free_login(draft))
        person = Person(**{**draft.model_dump(), "subject": subject, "login": login})
        with self._store:
            self._store.execute(
                "INSERT INTO people (provider, subject, body) VALUES (?, ?, ?)"
                " ON CONFLICT (provider, subject) DO UPDATE SET body = excluded.body",
                (person.provider, person.subject, person.model_dump_json()),
            )
        return person

    def at(self, provider: Provider) -> list[Person]:
        """A provider's accounts, the first seen first."""
        rows = self._store.execute(
            "SELECT body FROM people WHERE provider = ? ORDER BY number", (provider,)
        )
        return [Person.model_validate_json(row["body"]) for row in rows]

    def find(self, provider: Provider, subject: str) -> Person | None:
        """One account."""
        row = self._store.execute(
            "SELECT body FROM people WHERE provider = ? AND subject = ?", (provider, subject)
        ).fetchone()
        return None if row is None else Person.model_validate_json(row["body"])

    def _known(self, draft: Draft) -> Person | None:
        if draft.subject is not None:
            return self.find(draft.provider, draft.subject)
        for person in self.at(draft.provider):
            mine, theirs = person.email, draft.email
            if draft.login is not None:
                mine, theirs = person.login, draft.login
            if mine.lower() == theirs.lower():
                return person
        return None

    def _free_login(self, draft: Draft) -> str:
        if draft.provider is Provider.GOOGLE:
            return ""
        words = re.sub(r"[^A-Za-z0-9]+", "-", draft.email.partition("@")[0])[:30].strip("-")
        taken = {person.login.lower() for person in self.at(draft.provider)}
        wished = words or "somebody"
        names = chain([wished], (f"{wished}-{number}" for number in count(2)))
        return next(name for name in names if name.lower() not in taken)


def _new_subject(provider: Provider) -> str:
    least, most = GOOGLE_SUBJECTS if provider is Provider.GOOGLE else GITHUB_IDS
    return str(least + secrets.randbelow(most - least))
