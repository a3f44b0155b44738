"""Things that are really there, for requests to name: a made-up id gets no further than 404."""

import zlib
from collections.abc import Callable
from typing import Final

from schemathesis.core.parameters import ParameterLocation

from api.orders.schemas import OrderView
from services.auth.documents import LetterKind, Scope
from tests.api.conftest import PASSWORD
from tests.api.fuzz.document import Case, Json, name_of
from tests.api.fuzz.stand import Somebody, Stand

ONE_IN: Final = {
    "createOrder": 6,
    "setBilling": 5,
    "cancelOrder": 3,
    "refundOrder": 4,
    "extendPurchase": 2,
    "cancelPurchase": 2,
    "refundPurchase": 2,
    "checkPurchase": 3,
    "retryCapture": 2,
    "settleRefund": 2,
    "getPurchase": 3,
}
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
        addresses: dict[str, Callable[[], str]] = {
            "ticket_id": lambda: stand.listing_of(owner),
            "order_id": lambda: self._order_for(operation)(owner, seller).id,
            "session_id": lambda: stand.session_of(owner),
            "token_id": lambda: stand.token_of(owner, Scope.ORDERS_READ)[0],
            "finding_id": stand.finding,
            "provider": lambda: self._linked(PROVIDER),
        }
        return addresses[parameter]()

    def _order_for(self, operation: str) -> Callable[[Somebody, Somebody], OrderView]:
        """What puts an order into the state that the operation is for."""
        match operation:
            case "refundOrder" | "refundPurchase":
                return self._stand.complete_order_of
            case "retryCapture":
                return self._stand.stuck_order_of
            case "settleRefund":
                return self._stand.unrefunded_order_of
            case _:
                return self._stand.order_of

    def _linked(self, provider: str) -> str:
        self._stand.link(self._owner, provider)
        return provider

    def _fields(self, operation: str) -> Callable[[], Json] | None:
        stand, owner = self._stand, self._owner
        fields: dict[str, Callable[[], Json]] = {
            "login": lambda: {"email": owner.user.email, "password": PASSWORD},
            "changePassword": lambda: {"current_password": PASSWORD},
            "closeAccount": lambda: {"password": PASSWORD},
            "confirmAddress": lambda: {"token": stand.link_of(owner, LetterKind.VERIFY)},
            "resetPassword": lambda: {"token": stand.link_of(owner, LetterKind.RESET)},
            "findPerson": lambda: {"email": owner.user.email},
            "extendPurchase": lambda: {"seconds": 60},
            "createOrder": lambda: {"ticket_id": stand.listing_of(self._seller)},
        }
        return fields.get(operation)
