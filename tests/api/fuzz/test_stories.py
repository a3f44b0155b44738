"""Requests that follow each other along the links of the document, as a seller and a buyer do.

What one answer names, the next request asks for: a ticket is listed, looked at, edited, bought; its
order billed, paid, cancelled, refunded; a token made and revoked. So checks apply that look back:
what was made is there, what was deleted is gone.
"""

import zlib
from http.cookies import SimpleCookie
from typing import Any, ClassVar, Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from schemathesis import Response
from schemathesis.core.failures import FailureGroup
from schemathesis.engine.errors import is_inconsistent_replay
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput

from api.orders.schemas import OrderView
from tests.api.conftest import PASSWORD
from tests.api.fuzz.document import (
    EXAMPLES,
    SAME_EACH_TIME,
    Case,
    Json,
    Trust,
    name_of,
    read_document,
)
from tests.api.fuzz.judges import OURS
from tests.api.fuzz.stand import Credentials, Stand
from tests.api.market import BILLING

STORIES: Final = EXAMPLES * 3
LONG: Final = settings(
    stateful_step_count=8,
    derandomize=SAME_EACH_TIME,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
MOST: Final = STORIES * 4
"""A busy machine answers some with 503, and their links lead nowhere: then more are told."""
LINKS_AT_LEAST: Final = 6
"""How many of the document's links must have led from a success to another one."""

TITLED: Final[Json] = {
    "title": "Back row",
    **dict.fromkeys(("venue", "seat", "description", "starts_at")),
}

Machine: Any = read_document("stateful", trust=Trust.LIMITED).as_state_machine()


class Story(Machine):  # type: ignore[misc]  # made from the document at run time
    """A seller in a browser, and a buyer who has bought something before."""

    stand: ClassVar[Stand]
    told: ClassVar[int] = 0
    followed: ClassVar[set[str]] = set()
    """Links that led to a success."""
    failures: ClassVar[list[FailureGroup]] = []

    def setup(self) -> None:
        """Every other buyer pays."""
        Story.told += 1
        self.pays = Story.told % 2 == 0
        self.seller, self.buyer = self.stand.somebody(), self.stand.somebody()
        self.browser = self.seller.credentials
        prepare = self.stand.complete_order_of if self.pays else self.stand.billed_order_of
        prepare(self.buyer, self.seller)

    def step(self, input: StepInput) -> StepOutput:  # noqa: A002 - Schemathesis calls it that
        """Remember where the link led."""
        output: StepOutput = super().step(input)
        if input.transition and input.is_applied and output.response.status_code < 400:
            self.followed.add(input.transition.id)
        return output

    def before_call(self, case: Case) -> None:
        """Half of the random bodies say something sensible instead."""
        sensible = self._sensible(name_of(case))
        if sensible and isinstance(case.body, dict) and zlib.crc32(repr(case).encode()) % 2:
            case.body = {**case.body, **sensible}

    def get_call_kwargs(self, case: Case) -> dict[str, Any]:
        """With the cookie of whoever does such things."""
        credentials = self.buyer.credentials if _is_buying(case) else self.browser
        return {
            "base_url": self.stand.url,
            "session": self.stand.session,
            "cookies": credentials.cookies,
        }

    def after_call(self, response: Response, case: Case) -> None:
        """The browser keeps a new cookie; the buyer may pay what can be paid."""
        super().after_call(response, case)
        cookie = SimpleCookie("; ".join(response.headers.get("set-cookie", []))).get("session")
        if cookie and not _is_buying(case):
            self.browser = Credentials(cookies={"session": cookie.value})
        if self.pays and (name_of(case), response.status_code) == ("setBilling", 200):
            self.stand.paid(self.buyer, OrderView.model_validate(response.json()))

    def validate_response(self, response: Response, case: Case, *_: object, **sent: Any) -> None:  # noqa: ANN401 - whatever was sent
        """With the checks of ours."""
        try:
            super().validate_response(response, case, OURS, **sent)
        except FailureGroup as failure:
            self.failures.append(failure)
            raise

    def _sensible(self, operation: str) -> Json | None:
        sensible: dict[str, Json] = {
            "login": {"email": self.seller.user.email, "password": PASSWORD},
            "register": {"email": "ann@example.com", "password": PASSWORD},
            "createTicket": TITLED,
            "replaceTicket": TITLED,
            "createOrder": {"billing": BILLING},
            "setBilling": BILLING,
        }
        return sensible.get(operation)


def _is_buying(case: Case) -> bool:
    return "orders" in (case.operation.tags or [])


def tell(stories: int, **otherwise: Any) -> None:  # noqa: ANN401 - settings of Hypothesis
    """Have so many more told; what fails is in ``Story.failures``, however it ends.

    Hypothesis gives up when the same choices lead elsewhere, and a market is never the same twice.
    """
    try:
        Story.run(settings=settings(LONG, max_examples=stories, **otherwise))
    except Flaky:
        pass
    except AssertionError as error:
        if not is_inconsistent_replay(error):
            raise


def test_stories_hold_together(stand: Stand) -> None:
    Story.stand = stand
    while Story.told < STORIES and not Story.failures:
        tell(STORIES - Story.told)
    while len(Story.followed) < LINKS_AT_LEAST and Story.told < MOST and not Story.failures:
        tell(STORIES, derandomize=False)  # the same stories would lead where they led before
    for failure in Story.failures:
        raise failure
    assert len(Story.followed) >= LINKS_AT_LEAST, Story.followed
