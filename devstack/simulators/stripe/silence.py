"""Not answering: what a client sees of a server that hangs, or of a line that breaks."""

import asyncio

from starlette.types import Receive, Send


async def hang(receive: Receive, seconds: float, stopping: asyncio.Event) -> None:
    """Say nothing until the client gives up, the time is over, or the simulator stops."""
    waits = [asyncio.create_task(_gone(receive)), asyncio.create_task(stopping.wait())]
    _, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in pending:
        wait.cancel()


async def hang_up(send: Send) -> None:
    """Close the connection in the middle of an answer, which is the nearest ASGI has to silence.

    The server notices that the promised body does not come and closes the connection.
    """
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000000")]}
    )
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
