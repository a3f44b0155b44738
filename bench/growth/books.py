"""The books of a shop in which purchases are still open, as they are meant to be."""

from dataclasses import replace

from tests.faults.books import Books


def disagreements(books: Books, *, left_open: int) -> list[str]:
    """Everything that does not agree, if so many unpaid purchases are meant to be open still.

    Each of these must have its ticket reserved, and no money; everything else must be closed.
    """
    still = [order for order in books.orders if order["status"] == "created"]
    tickets = {order["ticket_id"] for order in still}
    wrong = []
    if (len(still), len(tickets)) != (left_open, left_open):
        wrong.append(f"{len(still)} orders of {len(tickets)} tickets are open, not {left_open}")
    for order in still:
        ticket = books.tickets[order["ticket_id"]]
        if (ticket["status"], ticket["held_by"]) != ("reserved", order["_id"]):
            wrong.append(f"order {order['_id']} is open, its ticket {ticket['status']}")
        if order["payment"]["payment_intent_id"] is not None:
            wrong.append(f"order {order['_id']} was never billed and has a payment")
    closed = replace(
        books,
        orders=[order for order in books.orders if order["status"] != "created"],
        tickets={name: each for name, each in books.tickets.items() if name not in tickets},
    )
    return wrong + closed.disagreements()
