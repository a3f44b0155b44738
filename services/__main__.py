"""``python -m services``: give somebody a role, or take it away."""

import argparse
import asyncio
import sys

from services.auth.documents import Role
from services.auth.store import AuthStore
from services.database import DatabasesUnavailableError, MongoSettings, open_databases
from services.logs import configure_logging
from services.security_log import Event, record
from services.settings import SettingError, read_settings

ROLES = {"grant-operator": Role.OPERATOR, "revoke-operator": Role.USER}


async def give(email: str, role: Role) -> bool:
    """Whether there was somebody to give the role to."""
    async with open_databases(read_settings(MongoSettings)):
        user = await AuthStore().set_role(email, role)
    if user is None:
        return False
    record(Event.ROLE_GIVEN, user_id=user.id, role=role)
    return True


def main() -> None:
    """Only a person who can reach the database gives roles, and only to a confirmed address."""
    parser = argparse.ArgumentParser(
        prog="python -m services",
        description="Give the owner of an e-mail address the role of an operator, or take it away. "
        "The address must have been confirmed. Repeating is safe. Reads MONGODB_URI and "
        "MONGODB_DATABASE_PREFIX.",
    )
    parser.add_argument("command", choices=sorted(ROLES))
    parser.add_argument("email", metavar="EMAIL")
    arguments = parser.parse_args()
    role = ROLES[arguments.command]
    configure_logging()
    try:
        found = asyncio.run(give(arguments.email, role))
    except (SettingError, DatabasesUnavailableError) as error:
        sys.exit(str(error))
    if not found:
        sys.exit(f"Nobody has confirmed the address {arguments.email!r}; nothing was changed.")
    print(f"{arguments.email!r} has the role {role} now.")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
