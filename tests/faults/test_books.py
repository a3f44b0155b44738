"""The judge of all other tests here sees whatever does not agree."""

from copy import deepcopy
from typing import Any

import pytest

from tests.faults.books import Books


def well() -> Books:
    """A sale and a cancelled order, as they should be."""
    return Books(
        orders=[
            {
                "_id": "sale",
                "status": "complete",
                "active": True,
                "ticket_id": "front",
                "payment": {"payment_intent_id": "pi_sale"},
                "total": {"amount": 100},
            },
            {
                "_id": "left",
                "status": "cancelled",
                "active": False,
                "ticket_id": "back",
                "payment": {"payment_intent_id": "pi_left"},
                "total": {"amount": 100},
            },
        ],
        tickets={
            "front": {"status": "sold", "held_by": "sale"},
            "back": {"status": "available", "held_by": None},
        },
        unhandled=[],
        written={"sale"},
        mailbox=[{"to": ["ada@example.com"], "subject": "Order Confirmed!"}],
        money={"pi_sale": money(captured=100), "pi_left": money(voided=100)},
    )


def money(**moved: int) -> dict[str, Any]:
    account = {"authorized": 100, "captured": 0, "refunded": 0, "voided": 0}
    return {**account, "captures": [], "refunds": [], **moved}


def test_books_that_agree_are_left_alone() -> None:
    assert well().disagreements() == []


@pytest.mark.parametrize(
    ("where", "change", "wrong"),
    [
        (("orders", 1), {"status": "awaiting_payment"}, "order left is awaiting_payment"),
        (("orders", 1), {"active": True, "ticket_id": "front"}, "ticket front: 2 orders"),
        (("tickets", "front"), {"status": "available"}, "order sale is complete, its ticket"),
        (("tickets", "back"), {"status": "reserved", "held_by": "left"}, "held for left"),
        (("money", "pi_sale"), {"captured": 90, "voided": 10}, "order sale: 90 kept, 100 sold"),
        (("money", "pi_left"), {"captured": 100, "voided": 0}, "order left: 100 kept, 0 sold"),
        (("money", "pi_left"), {"voided": 0}, "pi_left: money is held for nobody"),
        (("money", "pi_sale"), {"captures": [{}, {}]}, "pi_sale: money moved twice"),
        (("money", "pi_sale"), {"refunds": [{"amount": 50}] * 2}, "pi_sale: money moved twice"),
        (("money",), {"pi_lost": money(captured=100)}, "pi_lost: money was kept for no order"),
        (("unhandled",), ["evt_1"], "event evt_1 was never handled"),
        (("written",), {"sale"}, "order sale: nobody was written to"),
        (("mailbox",), None, "ada@example.com was sent 2 times"),
    ],
)
def test_what_does_not_agree_is_named(where: tuple[Any, ...], change: Any, wrong: str) -> None:  # noqa: ANN401 - a table of changes
    books = deepcopy(well())
    part = getattr(books, where[0])
    for key in where[1:]:
        part = part[key]
    if where == ("written",):
        part.clear()
    elif isinstance(part, list):
        part.extend(part if change is None else change)
    else:
        part.update(change)
    assert any(wrong in each for each in books.disagreements())
