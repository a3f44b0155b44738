"""The ``/v1`` side: authenticate, look the key up, run in one transaction, answer."""

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from devstack.simulators.stripe import auth, forms, silence
from devstack.simulators.stripe.documents import Document
from devstack.simulators.stripe.errors import ApiError
from devstack.simulators.stripe.expand import check, expand
from devstack.simulators.stripe.faults import Fault
from devstack.simulators.stripe.idempotency import KeyedRequest, SavedAnswer, keyed
from devstack.simulators.stripe.ids import new_request_id
from devstack.simulators.stripe.operations import Operation, find_operation
from devstack.simulators.stripe.parameters import Parameters
from devstack.simulators.stripe.simulator import Simulator
from devstack.simulators.stripe.work import Work

LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """A request that was understood: who asks for which operation with what."""

    operation: Operation
    ids: tuple[str, ...]
    values: Document
    keyed: KeyedRequest | None
    request_id: str
    publishable: bool
    base_url: str
    api_version: str


class Api:
    """Stripe's HTTP API as an ASGI application."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        entry: Document = {
            "id": new_request_id(),
            "method": request.method,
            "path": request.url.path,
            "status": None,
            "idempotency_key": request.headers.get("idempotency-key"),
            "replayed": False,
            "fault": None,
        }
        self._simulator.requests.append(entry)
        answer = await self._answer(request, entry, receive)
        if answer is None:
            await silence.hang_up(send)
            return
        entry["status"] = answer.status
        version = request.headers.get("stripe-version", self._simulator.settings.api_version)
        await _response(version, entry, answer)(scope, receive, send)

    async def _answer(
        self, request: Request, entry: Document, receive: Receive
    ) -> SavedAnswer | None:
        """The answer, or ``None`` where a fault keeps it from the client."""
        try:
            call = await self._understand(request, entry["id"])
            fault = None
            with self._simulator.answers.under_way(call.keyed):
                earlier = self._simulator.answers.find(call.keyed) if call.keyed else None
                if earlier is not None:
                    entry["replayed"] = True
                    return earlier
                fault = self._simulator.faults.take(request.method, request.url.path)
                if fault is not None:
                    entry["fault"] = fault.kind
                    if not await self._go_on(fault, receive):
                        return None
                answer = self._execute(call, fault)
        except ApiError as error:
            return _refusal(error, entry["id"])
        # The server is done with the key from here on; only the client does not know it yet.
        return answer if fault is None else await self._after(fault, answer, receive)

    async def _understand(self, request: Request, request_id: str) -> Call:
        publishable = auth.is_publishable(request.headers)
        operation, ids = find_operation(request.method, request.url.path)
        if publishable and not operation.browser:
            raise auth.secret_key_required()
        sent = (
            (await request.body()).decode(errors="replace")
            if request.method == "POST"
            else request.url.query
        )
        values = forms.decode(sent)
        if publishable:
            auth.refuse_secret_only(values, operation.secret_only)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        return Call(
            operation,
            ids,
            values,
            keyed(key, request.method, request.url.path, values) if key else None,
            request_id,
            publishable,
            str(request.base_url.replace(path="")).rstrip("/"),
            request.headers.get("stripe-version", ""),
        )

    async def _go_on(self, fault: Fault, receive: Receive) -> bool:
        """Suffer what comes before the effect; whether the request then runs at all."""
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "timeout_before":
            await silence.hang(receive, fault.seconds, self._simulator.stopping)
        return fault.kind not in {"timeout_before", "disconnect_before"}

    async def _after(
        self, fault: Fault, answer: SavedAnswer, receive: Receive
    ) -> SavedAnswer | None:
        if fault.kind == "timeout_after":
            await silence.hang(receive, fault.seconds, self._simulator.stopping)
        return None if fault.kind in {"timeout_after", "disconnect_after"} else answer

    def _execute(self, call: Call, fault: Fault | None) -> SavedAnswer:
        """One transaction: effects, events, deliveries and the answer under the key."""
        simulator = self._simulator
        try:
            with simulator.store.transaction():
                simulator.run_timers()
                answer, final = self._run(call, fault)
                if call.keyed is not None and final:
                    simulator.answers.save(call.keyed, answer)
        except Exception:
            # A mistake of ours: nothing was done, and the client gets what Stripe would say.
            LOG.exception("%s failed", call.operation.path)
            error = ApiError("The simulator failed; its log says why.", status=500)
            return _refusal(error, call.request_id)
        if call.operation.method == "POST":
            simulator.deliverer.changed.set()
        return answer

    def _run(self, call: Call, fault: Fault | None) -> tuple[SavedAnswer, bool]:
        """The answer, and whether it stays the answer under its key."""
        try:
            if fault is not None and fault.kind == "error_before":
                raise fault.error()
            document = self._operate(call)
            if fault is not None and fault.kind == "error_after":
                # The effect happened, so whatever is said about it is said from now on.
                raise replace(fault, saved=True).error()
        except ApiError as error:
            return _refusal(error, call.request_id), error.executed
        body = json.dumps(document).encode()
        return SavedAnswer(HTTPStatus.OK, body, call.request_id), True

    def _operate(self, call: Call) -> Document:
        operation, settings = call.operation, self._simulator.settings
        params = Parameters(call.values, operation.allowed)
        paths = check(operation.kind, params.texts("expand"), is_list=operation.is_list)
        work = Work(
            self._simulator.store,
            self._simulator.clock,
            settings,
            request_id=call.request_id,
            idempotency_key=call.keyed.key if call.keyed else None,
            publishable=call.publishable,
            base_url=call.base_url,
            api_version=call.api_version,
        )
        document = operation.run(work, params, *call.ids)
        if not operation.is_list:
            return expand(work, document, paths)
        return {**document, "data": [expand(work, item, paths) for item in document["data"]]}


def _refusal(error: ApiError, request_id: str) -> SavedAnswer:
    return SavedAnswer(error.status, json.dumps(error.body()).encode(), request_id)


def _response(version: str, entry: Document, answer: SavedAnswer) -> Response:
    headers = {
        "Request-Id": entry["id"],
        "Stripe-Version": version,
        "Idempotency-Key": entry["idempotency_key"] or "",
    }
    if entry["replayed"]:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.request_id}
    return Response(
        answer.body,
        answer.status,
        {name: value for name, value in headers.items() if value},
        media_type="application/json",
    )
