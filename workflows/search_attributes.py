"""What an operator can search purchases by. Plain text in Temporal: ids, amounts, states only."""

from typing import Final

from temporalio.common import SearchAttributeKey

ORDER_STATUS: Final = SearchAttributeKey.for_keyword("OrderStatus")
TICKET_ID: Final = SearchAttributeKey.for_keyword("TicketId")
BUYER_ID: Final = SearchAttributeKey.for_keyword("BuyerId")
DEADLINE: Final = SearchAttributeKey.for_datetime("Deadline")
AMOUNT_MINOR: Final = SearchAttributeKey.for_int("AmountMinor")

ALL: Final = (ORDER_STATUS, TICKET_ID, BUYER_ID, DEADLINE, AMOUNT_MINOR)
