"""Things that are really there, for requests to name: a made-up id gets no further than 404."""

import zlib
from collections.abc import Callable
from typing import Final

from schemathesis.core.parameters import ParameterLocation

from services.auth.documents import LetterKind, Scope
from tests.api.conftest import PASSWORD
from tests.api.fuzz.document import Case, Json, name_of
from tests.api.fuzz.stand import Somebody, Stand

ONE_IN: Final = {"createOrder": 6, "setBilling": 5, "cancelOrder": 3, "refundOrder": 4}
"""How few of an operation's requests name something real, where that takes a purchase."""
USUALLY_ONE_IN: Final = 2
PROVIDER: Final = "github"
"""The one that the market offers."""


class Props:
    """What a person has, and what they can buy."""

    def __init__(self, stand: Stand, owner: Somebody, seller: Somebody) -> None:
        self._stand = stand
        self._owner = owner
        self._seller = seller

    def put_into(self, case: Case) -> None:
        """Have a part of the requests, always the same, name what is there.

        Only where the request is right: what is wrong in it stays as it is.
        """
        if name_of(case) == "watchTickets":
            self._stand.listing_soon_of(self._seller)
        one_in = ONE_IN.get(name_of(case), USUALLY_ONE_IN)
        if case.meta is None or zlib.crc32(repr(case).encode()) % one_in:
            return
        if not case.meta.is_negative_at(ParameterLocation.PATH):
            for name in list(case.path_parameters):
                case.path_parameters[name] = self._address(name, name_of(case))
        fields = self._fields(name_of(case))
        if isinstance(case.body, dict) and not case.meta.is_negative_at(ParameterLocation.BODY):
            case.body = {**case.body, **(fields() if fields else {})}

    def _address(self, parameter: str, operation: str) -> str:
        stand, owner, seller = self._stand, self._owner, self._seller
        match parameter:
            case "ticket_id":
                return stand.listing_of(owner)
            case "order_id" if operation == "refundOrder":
                return stand.complete_order_of(owner, seller).id
            case "order_id":
                return stand.order_of(owner, seller).id
            case "session_id":
                return stand.session_of(owner)
            case "token_id":
                return stand.token_of(owner, Scope.ORDERS_READ)[0]
            case "provider":
                stand.link(owner, PROVIDER)
                return PROVIDER
        raise AssertionError(f"what is a {parameter}?")

    def _fields(self, operation: str) -> Callable[[], Json] | None:
        stand, owner = self._stand, self._owner
        fields: dict[str, Callable[[], Json]] = {
            "login": lambda: {"email": owner.user.email, "password": PASSWORD},
            "changePassword": lambda: {"current_password": PASSWORD},
            "closeAccount": lambda: {"password": PASSWORD},
            "confirmAddress": lambda: {"token": stand.link_of(owner, LetterKind.VERIFY)},
            "resetPassword": lambda: {"token": stand.link_of(owner, LetterKind.RESET)},
            "createOrder": lambda: {"ticket_id": stand.listing_of(self._seller)},
        }
        return fields.get(operation)
