"""Who may look at every purchase, and steer it."""

from typing import Annotated

from fastapi import Depends

from api.dependencies import SignedIn
from api.problems import OperatorsOnly
from services.auth.documents import Role, User


async def _operator(visit: SignedIn) -> User:
    if visit.user.role is not Role.OPERATOR:
        raise OperatorsOnly
    return visit.user


Operator = Annotated[User, Depends(_operator)]
"""A person on duty, in front of a browser.

An API token does not do: none of its scopes was made for this, it lasts for months, and it lies
about on machines. Programs steer purchases through Temporal, where they are let in by its own keys.
"""
