"""Nothing that a route asks for takes another thread."""

from collections.abc import Callable, Iterator
from inspect import isasyncgenfunction, iscoroutinefunction, isroutine
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from services.database import MongoSettings
from tests.api.conftest import an_app


def dependants(app: FastAPI) -> Iterator[Dependant]:
    """Of all routes, with what they ask for and what that asks for."""
    waiting = [
        route.dependant for route in iter_route_contexts(app.routes) if hasattr(route, "dependant")
    ]
    while waiting:
        yield (one := waiting.pop())
        waiting += one.dependencies


def is_awaited(call: Callable[..., object]) -> bool:
    """Whether FastAPI calls it on the event loop; of an object it is the class that says so."""
    called = call if isroutine(call) else type(call).__call__
    return iscoroutinefunction(called) or isasyncgenfunction(called)


def in_threads(app: FastAPI) -> set[object]:
    """What would be run by another thread, for each request anew."""
    calls = {one.call for one in dependants(app) if one.call is not None}
    return {call for call in calls if not is_awaited(call)}


def test_everything_that_a_route_asks_for_is_awaited() -> None:
    app = an_app(MongoSettings())

    assert in_threads(app) == set()
    assert len(list(dependants(app))) > 200


def test_a_plain_function_deep_below_a_route_would_be_found() -> None:
    def plain() -> int:
        return 1

    async def asks(number: Annotated[int, Depends(plain)]) -> int:
        return number

    router = APIRouter()

    @router.get("/number")
    async def number(found: Annotated[int, Depends(asks)]) -> int:
        return found

    app = FastAPI()
    app.include_router(router)

    assert in_threads(app) == {plain}
