"""The counting after a blow sees each fault, and nothing where there is none."""

import pytest

from bench.others.aftermath import Aftermath, Placed, Taken

BOUGHT = Placed("order-1", "ticket-1", "complete")
LET_GO = Placed("order-2", "ticket-2", "cancelled")
PAID = Taken("order-1", captured=10_000)
UNHARMED = Aftermath(
    stuck=0,
    charged_without_ticket=0,
    sold_again=0,
    charged_again=0,
    mails_lost=0,
    mails_doubled=0,
)


def counts(**planted: int) -> Aftermath:
    return Aftermath(**(vars(UNHARMED) | planted))


def test_an_unharmed_shop_has_nothing_to_count() -> None:
    given_back = Taken("order-2", captured=10_000, refunded=10_000)
    assert Aftermath.of([BOUGHT, LET_GO], [PAID, given_back], ["order-1"]) == UNHARMED


@pytest.mark.parametrize(
    ("orders", "payments", "mails", "seen"),
    [
        ([Placed("order-1", "ticket-1", "created")], [], [], counts(stuck=1)),
        ([LET_GO], [Taken("order-2", captured=1)], [], counts(charged_without_ticket=1)),
        ([], [PAID], [], counts(charged_without_ticket=1)),
        (
            [BOUGHT, Placed("order-3", "ticket-1", "complete")],
            [PAID, Taken("order-3", captured=10_000)],
            ["order-1", "order-3"],
            counts(sold_again=1),
        ),
        ([BOUGHT], [PAID, PAID], ["order-1"], counts(charged_again=1)),
        ([BOUGHT], [PAID], [], counts(mails_lost=1)),
        ([BOUGHT], [PAID], ["order-1", "order-1"], counts(mails_doubled=1)),
    ],
    ids=["stuck", "cancelled-paid", "unknown-paid", "sold-twice", "charged-twice", "lost", "two"],
)
def test_a_planted_fault_is_seen_and_counted_as_what_it_is(
    orders: list[Placed], payments: list[Taken], mails: list[str], seen: Aftermath
) -> None:
    assert Aftermath.of(orders, payments, mails) == seen
