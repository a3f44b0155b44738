"""Resend's ``/emails``: send, list, retrieve."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse

from devstack.simulators.resend.errors import (
    BadIdempotencyKeyError,
    ConcurrentKeyError,
    InvalidKeyError,
    MissingKeyError,
    UnknownMailError,
    error_response,
)
from devstack.simulators.resend.faults import Faults
from devstack.simulators.resend.inbox import Inbox, Mail, utc_now
from devstack.simulators.resend.message import Message, parse_message

KEY_LENGTH_MAX = 256
LIST_MAX = 1000

router = APIRouter()


@router.post("/emails")
async def send(
    request: Request,
    authorization: Annotated[str | None, Header()] = None,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> JSONResponse:
    """Take a mail; the same idempotency key and body again give the same id."""
    _check_api_key(authorization)
    if idempotency_key is not None and not 1 <= len(idempotency_key) <= KEY_LENGTH_MAX:
        raise BadIdempotencyKeyError
    message = parse_message(await request.body())
    in_flight: set[str] = request.app.state.in_flight
    if idempotency_key is None:
        return await _deliver(request, message, None)
    if idempotency_key in in_flight:
        raise ConcurrentKeyError
    in_flight.add(idempotency_key)
    try:
        return await _deliver(request, message, idempotency_key)
    finally:
        in_flight.discard(idempotency_key)


@router.get("/emails")
async def newest_mails(
    request: Request,
    to: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LIST_MAX)] = LIST_MAX,
    after: Annotated[str | None, Query(description="The last mail of the page before.")] = None,
) -> list[Mail]:
    """A plain list, newest first, so that most tests need no paging; no key is asked for."""
    inbox: Inbox = request.app.state.inbox
    return inbox.newest(limit, to, after)


@router.get("/emails/{mail_id}")
async def one_mail(mail_id: str, request: Request) -> Mail:
    """One mail with its content."""
    inbox: Inbox = request.app.state.inbox
    mail = inbox.find(mail_id)
    if mail is None:
        raise UnknownMailError
    return mail


@router.delete("/_sim/emails", status_code=204)
async def empty_inbox(request: Request) -> None:
    """Forget all mails and idempotency keys."""
    inbox: Inbox = request.app.state.inbox
    inbox.empty()


async def _deliver(request: Request, message: Message, key: str | None) -> JSONResponse:
    """Store the mail, unless a fault is due; a failed attempt does not use up its key."""
    faults: Faults = request.app.state.faults
    inbox: Inbox = request.app.state.inbox
    await faults.delay()
    if fault := faults.take("error_before"):
        return error_response(fault.status, "Simulated failure; the mail was not accepted.")
    mail_id = inbox.accept(message, key, utc_now())
    if fault := faults.take("error_after"):
        return error_response(fault.status, "Simulated failure after the mail was accepted.")
    return JSONResponse({"id": mail_id})


def _check_api_key(authorization: str | None) -> None:
    scheme, _, key = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise MissingKeyError
    if not key.strip().startswith("re_"):
        raise InvalidKeyError
