"""``/_sim``: what a test or a person does to the simulator from outside Stripe's API."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from devstack.simulators.stripe import attempts, books, disputes, outbox, refunds, settlement
from devstack.simulators.stripe.documents import Document, visible
from devstack.simulators.stripe.errors import ApiError
from devstack.simulators.stripe.simulator import Simulator

Handler = Callable[[Request, Document], object]


class Hooks:
    """One method per hook; each takes the request and its JSON body and returns JSON."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    def routes(self) -> list[Route]:
        """The paths below ``/_sim``."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/faults", lambda *_: self._simulator.faults.listed()),
            ("POST", "/faults", lambda _, body: asdict(self._simulator.faults.add(body))),
            ("DELETE", "/faults", lambda *_: self._simulator.faults.clear()),
            ("GET", "/webhook_endpoint", lambda *_: self._endpoint()),
            ("POST", "/webhook_endpoint", self._set_endpoint),
            ("GET", "/webhooks/mode", lambda *_: asdict(outbox.mode(self._simulator.store))),
            ("POST", "/webhooks/mode", self._set_mode),
            ("POST", "/webhooks/release", self._release),
            ("POST", "/webhooks/resend", self._resend),
            ("GET", "/webhooks/deliveries", self._deliveries),
            ("GET", "/clock", lambda *_: self._clock()),
            ("POST", "/clock", self._set_clock),
            ("POST", "/payment_intents/{id}/authenticate", self._authenticate),
            ("POST", "/payment_intents/{id}/expire_authorization", self._expire),
            ("POST", "/refunds/{id}", self._change_refund),
            ("POST", "/refund_mode", self._set_refund_mode),
            ("POST", "/disputes", self._dispute),
            ("POST", "/disputes/{id}/respond", self._respond),
            ("POST", "/disputes/{id}/close", self._close_dispute),
            ("GET", "/requests", lambda *_: list(self._simulator.requests)),
            ("DELETE", "/requests", lambda *_: self._simulator.requests.clear()),
            ("GET", "/ledger", self._ledger),
            ("POST", "/reset", self._reset),
        ]
        return [
            Route(path, _endpoint(handler), methods=[method]) for method, path, handler in table
        ]

    def _endpoint(self) -> Document:
        endpoint = outbox.endpoint(self._simulator.store)
        return {"url": endpoint.url if endpoint else None}

    def _set_endpoint(self, _: Request, body: Document) -> Document:
        """``{"url", "secret"}``; a null url stops deliveries of new events."""
        with self._simulator.working() as work:
            before = outbox.endpoint(work.store)
            usual = before.secret if before else self._simulator.settings.webhook_secret
            url = body.get("url")
            endpoint = outbox.Endpoint(url, body.get("secret", usual)) if url else None
            outbox.set_endpoint(work.store, endpoint)
        return self._endpoint()

    def _set_mode(self, _: Request, body: Document) -> Document:
        """Replaces the whole mode: what is not named is off."""
        wanted = outbox.Mode(**{**body, "types": tuple(body.get("types") or ())})
        with self._simulator.working() as work:
            outbox.set_mode(work.store, wanted)
        return asdict(wanted)

    def _release(self, _: Request, __: Document) -> Document:
        """Deliver what is held, and hold no more."""
        with self._simulator.working() as work:
            mode = outbox.mode(work.store)
            outbox.set_mode(work.store, outbox.Mode(**{**asdict(mode), "hold": False}))
            return {"released": outbox.release(work.store, work.clock.exact())}

    def _resend(self, _: Request, body: Document) -> Document:
        """``{"event", "times": 1, "timestamp_offset": 0}``."""
        times = int(body.get("times", 1))
        offset = float(body.get("timestamp_offset", 0))
        with self._simulator.working() as work:
            outbox.resend(work, body["event"], times=times, timestamp_offset=offset)
        return {"queued": times}

    def _deliveries(self, request: Request, _: Document) -> list[Document]:
        return books.deliveries(self._simulator.store, request.query_params.get("event"))

    def _clock(self) -> Document:
        clock = self._simulator.clock
        return {"now": clock.now(), "offset_seconds": clock.offset}

    def _set_clock(self, _: Request, body: Document) -> Document:
        """``{"offset_seconds"}`` or ``{"advance_seconds"}``; what becomes due is done at once."""
        clock = self._simulator.clock
        with self._simulator.working():
            if "offset_seconds" in body:
                clock.move(float(body["offset_seconds"]))
            clock.move(clock.offset + float(body.get("advance_seconds", 0)))
            self._simulator.run_timers()
        return self._clock()

    def _authenticate(self, request: Request, body: Document) -> Document:
        """``{"outcome": "success" | "failure"}``."""
        success = {"success": True, "failure": False}[body["outcome"]]
        with self._simulator.working() as work:
            return visible(attempts.authenticate(work, request.path_params["id"], success=success))

    def _expire(self, request: Request, _: Document) -> Document:
        """The hold runs out now."""
        with self._simulator.working() as work:
            intent = work.need("payment_intent", request.path_params["id"])
            if not intent["latest_charge"] or not settlement.expire_authorization(
                work, intent["latest_charge"]
            ):
                raise ApiError("This PaymentIntent holds no money.")
            return visible(work.need("payment_intent", intent["id"]))

    def _change_refund(self, request: Request, body: Document) -> Document:
        """``{"status", "failure_reason"}``."""
        status, reason = _refund_status(body["status"]), body.get("failure_reason")
        with self._simulator.working() as work:
            return refunds.change(work, request.path_params["id"], status, reason)

    def _set_refund_mode(self, _: Request, body: Document) -> Document:
        """``{"status"}`` of new refunds until changed; null leaves it to the card again."""
        status = body.get("status")
        with self._simulator.working() as work:
            work.store.set_setting(refunds.MODE, status and _refund_status(status))
        return {"status": status}

    def _dispute(self, _: Request, body: Document) -> Document:
        """``{"payment_intent", "reason": "fraudulent", "inquiry": false}``."""
        reason, inquiry = body.get("reason", "fraudulent"), bool(body.get("inquiry", False))
        with self._simulator.working() as work:
            intent = work.need("payment_intent", body["payment_intent"], "payment_intent")
            charge = work.need("charge", intent["latest_charge"] or "", "charge")
            return disputes.create(work, charge, reason, inquiry=inquiry)

    def _respond(self, request: Request, _: Document) -> Document:
        """Evidence is handed in: the dispute is under review."""
        with self._simulator.working() as work:
            return disputes.respond(work, request.path_params["id"])

    def _close_dispute(self, request: Request, body: Document) -> Document:
        """``{"status": "won" | "lost"}``, of an inquiry ``"warning_closed"``."""
        with self._simulator.working() as work:
            return disputes.close(work, request.path_params["id"], body["status"])

    def _ledger(self, request: Request, _: Document) -> Document:
        return books.ledger(self._simulator.store, request.query_params.get("payment_intent"))

    def _reset(self, _: Request, __: Document) -> Document:
        """Forget everything but the webhook endpoint."""
        with self._simulator.working() as work:
            endpoint = outbox.endpoint(work.store)
            work.store.clear()
            outbox.set_endpoint(work.store, endpoint)
            work.clock.move(0.0)
        self._simulator.faults.clear()
        self._simulator.requests.clear()
        return {}


def _refund_status(status: str) -> str:
    if status not in refunds.STATUSES:
        raise ValueError(f"status must be one of {', '.join(refunds.STATUSES)}")
    return status


def _endpoint(handler: Handler) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        try:
            raw = await request.body()
            body = json.loads(raw) if raw else {}
            return JSONResponse(handler(request, body))
        except ApiError as error:
            return JSONResponse(error.body(), error.status)
        except (KeyError, TypeError, ValueError) as error:
            message = f"{type(error).__name__}: {error}"
            return JSONResponse({"error": {"message": message}}, 400)

    return endpoint
