"""Which methods an address knows."""

from fastapi.routing import iter_route_contexts
from starlette.requests import Request


def methods_at(request: Request) -> list[str]:
    """All of them, where each is a route of its own and tells only itself; empty elsewhere."""
    here = getattr(request.scope.get("route"), "path", None)
    if here is None:
        return []
    routes = [route for route in iter_route_contexts(request.app.routes) if route.path == here]
    return sorted({method for route in routes for method in route.methods or ()})
