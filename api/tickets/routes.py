"""The market."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.answers import ALSO_SIGNED_OUT, FOR_SALE, PLACED
from api.dependencies import Seller, Tickets, Visitor
from api.problems import (
    ForeignOrigin,
    InsufficientScope,
    InvalidRequest,
    NotFound,
    NotSignedIn,
    NotTheSeller,
    TicketTaken,
    problems,
)
from api.tickets.schemas import TicketDraft, TicketPage, TicketQuery, TicketView
from services.clock import now
from services.ids import PersonIds
from services.tickets.documents import Ticket
from services.tickets.search import TicketFilters, TicketSort
from services.tickets.store import Page, TicketNotFoundError

router = APIRouter(prefix="/api/tickets", tags=["tickets"])

TicketId = Annotated[str, Path(max_length=64, description="The ticket's id.")]


@dataclass(frozen=True)
class Search:
    """What is looked for, once it is known who "me" is."""

    filters: TicketFilters
    sort: TicketSort
    limit: int
    cursor: str | None


async def _search(query: Annotated[TicketQuery, Query()], visitor: Visitor) -> Search:
    """Only a signed-in user has listings of their own."""
    sellers: PersonIds | None = (query.seller,) if query.seller else None
    if query.seller == "me":
        if visitor is None:
            raise NotSignedIn
        sellers = visitor.ids
    return Search(query.filters(sellers), query.sort, query.limit, query.cursor)


@router.get(
    "",
    response_model=TicketPage,
    operation_id="listTickets",
    summary="Search the market",
    responses=problems(NotSignedIn, InvalidRequest),
    openapi_extra=ALSO_SIGNED_OUT,
)
async def search(sought: Annotated[Search, Depends(_search)], tickets: Tickets) -> Page:
    """Tickets page by page; signing in is only needed for `seller=me`."""
    return await tickets.search(sought.filters, sought.sort, sought.limit, sought.cursor)


@router.post(
    "",
    status_code=201,
    response_model=TicketView,
    operation_id="createTicket",
    summary="Put a ticket on the market",
    responses={
        201: {**FOR_SALE, "headers": PLACED},
        **problems(NotSignedIn, ForeignOrigin, InsufficientScope, InvalidRequest),
    },
)
async def create(body: TicketDraft, seller: Seller, tickets: Tickets, response: Response) -> Ticket:
    """Whoever is signed in becomes its seller."""
    ticket = await tickets.create(seller.id, body.listing(), now())
    response.headers["Location"] = f"/api/tickets/{ticket.id}"
    return ticket


@router.get(
    "/{ticket_id}",
    response_model=TicketView,
    operation_id="getTicket",
    summary="Look at a ticket",
    responses={200: FOR_SALE, **problems(NotFound)},
)
async def get(ticket_id: TicketId, tickets: Tickets) -> Ticket:
    """Also a reserved or sold one."""
    ticket = await tickets.get(ticket_id)
    if ticket is None or ticket.is_gone:
        raise TicketNotFoundError
    return ticket


@router.put(
    "/{ticket_id}",
    response_model=TicketView,
    operation_id="replaceTicket",
    summary="Change a ticket",
    responses=problems(
        NotSignedIn,
        ForeignOrigin,
        InsufficientScope,
        NotTheSeller,
        NotFound,
        TicketTaken,
        InvalidRequest,
    ),
)
async def replace(ticket_id: TicketId, body: TicketDraft, user: Seller, tickets: Tickets) -> Ticket:
    """Replaces everything that the seller says about the ticket; what is left out is gone."""
    return await tickets.edit(ticket_id, user.ids, body.listing(), now())


@router.delete(
    "/{ticket_id}",
    status_code=204,
    operation_id="deleteTicket",
    summary="Take a ticket off the market",
    responses=problems(
        NotSignedIn, ForeignOrigin, InsufficientScope, NotTheSeller, NotFound, TicketTaken
    ),
)
async def delete(ticket_id: TicketId, user: Seller, tickets: Tickets) -> None:
    """For good; a buyer who looks at it now can no longer buy it."""
    await tickets.delete(ticket_id, user.ids)
