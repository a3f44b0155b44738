"""Two who want the same money back in the same moment: the first claim counts."""

import pytest
from typing_extensions import override

from services.database import Databases
from services.orders.documents import Order
from services.orders.store import OrderStore
from tests.services.test_orders import STILL_LATER, as_it_is, refund_that_failed


class Overtaken(OrderStore):
    """Looks at an order; before it goes on, an operator has the failed refund tried again."""

    def __init__(self) -> None:
        self._seen = False

    @override
    async def get(self, order_id: str) -> Order | None:
        seen = await super().get(order_id)
        if not self._seen:
            self._seen = True
            await OrderStore().begin_refund(order_id, at=STILL_LATER, actor="op", why="new card")
        return seen


@pytest.mark.parametrize("adopt", [None, "re_2"], ids=["another try", "one made at Stripe"])
async def test_a_claim_that_was_overtaken_changes_nothing(
    databases: Databases, adopt: str | None
) -> None:
    orders = OrderStore()
    order = await refund_that_failed(orders)
    await Overtaken().begin_refund(order.id, at=STILL_LATER, adopt=adopt)
    found = await as_it_is(orders, order)
    assert found.refund is not None
    assert (found.refund.turn, found.refund.status, found.refund.id) == (2, "requested", None)
    assert [entry.actor for entry in found.timeline if entry.about == "try 2"] == ["op"]
    assert not [entry for entry in found.timeline if entry.about == "re_2"]
