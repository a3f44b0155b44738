"""Two pages for people: what happened lately, and the bank's 3-D Secure challenge."""

from collections.abc import Sequence
from html import escape
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from devstack.simulators.stripe import attempts
from devstack.simulators.stripe.errors import ApiError
from devstack.simulators.stripe.simulator import Simulator
from devstack.simulators.stripe.store import Query

PAID: Final = ("requires_capture", "succeeded")
FOR_FRAMES: Final = '<script src="/v3/frames/challenge.js"></script>'
STYLE: Final = (
    "body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2rem .6rem .2rem 0}"
    "button{font:inherit;padding:.5rem 1rem;margin-right:1rem}"
)


class Pages:
    """The simulator's HTML."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def home(self, _: Request) -> Response:
        """What this is and what happened last."""
        intents, _more = self._simulator.store.page(Query("payment_intent", limit=20))
        events, _more = self._simulator.store.page(Query("event", limit=20))
        money = [
            (intent["id"], f"{intent['amount'] / 100:.2f} {intent['currency']}", intent["status"])
            for intent in intents
        ]
        told = [
            (event["id"], event["type"], event["data"]["object"].get("id", "")) for event in events
        ]
        return _page(
            "Stripe simulator",
            "<p>A stand-in for Stripe on this machine: no money moves. Point the official SDK at"
            " this address; tests plant faults under <code>/_sim</code>.</p>"
            + _table("Last PaymentIntents", ("id", "amount", "status"), money)
            + _table("Last events", ("id", "type", "object"), told),
        )

    async def challenge(self, request: Request) -> Response:
        """The two buttons of the pretended bank."""
        intent = self._simulator.store.get("payment_intent", request.path_params["id"])
        if intent is None or not intent["_authenticating"]:
            nothing = "<p>There is nothing to approve here.</p>"
            return _page("3-D Secure", nothing + FOR_FRAMES, HTTPStatus.NOT_FOUND)
        amount = escape(f"{intent['amount'] / 100:.2f} {intent['currency'].upper()}")
        return _page(
            "3-D Secure",
            f"{FOR_FRAMES}<p>Your pretended bank asks: do you approve a payment of {amount}?</p>"
            '<form method="post"><button name="outcome" value="success">Complete</button>'
            '<button name="outcome" value="failure">Fail</button></form>',
        )

    async def decide(self, request: Request) -> Response:
        """Take the person's decision, and send them back to where they came from."""
        outcome = parse_qs((await request.body()).decode()).get("outcome", [""])[0]
        try:
            with self._simulator.working() as work:
                success = outcome == "success"
                intent = attempts.authenticate(work, request.path_params["id"], success=success)
        except ApiError as error:
            return _page("3-D Secure", f"<p>{escape(str(error))}</p>{FOR_FRAMES}", error.status)
        if not intent["_return_url"]:
            return _page("3-D Secure", "<p>Done. You can close this window.</p>" + FOR_FRAMES)
        query = urlencode(
            {
                "payment_intent": intent["id"],
                "payment_intent_client_secret": intent["client_secret"],
                "redirect_status": "succeeded" if intent["status"] in PAID else "failed",
            }
        )
        separator = "&" if "?" in intent["_return_url"] else "?"
        target = f"{intent['_return_url']}{separator}{query}"
        return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def _page(title: str, body: str, status: int = HTTPStatus.OK) -> Response:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>",
        status,
    )


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    lines = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<h2>{escape(title)}</h2><table><tr>{head}</tr>{lines}</table>"
