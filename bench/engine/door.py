"""``python -m bench.engine.door PORT``: the twin's HTTP door, for latencies.

One route starts a twin and answers when its ticket would be reserved, one passes a payment on. No
session, no limit, no database.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel
from temporalio.client import Client

from bench.engine.calls import pay_twin, start_twin
from services.settings import read_settings
from temporal.client import connect
from temporal.settings import TemporalSettings


class TwinOrder(BaseModel):
    """What stands for an order."""

    id: str


@asynccontextmanager
async def _connected(app: FastAPI) -> AsyncIterator[None]:
    app.state.temporal = await connect(read_settings(TemporalSettings))
    yield


def _temporal(request: Request) -> Client:
    client: Client = request.app.state.temporal
    return client


Temporal = Annotated[Client, Depends(_temporal)]
app = FastAPI(lifespan=_connected)


@app.post("/orders", status_code=201)
async def order(temporal: Temporal) -> TwinOrder:
    """Start a twin."""
    return TwinOrder(id=await start_twin(temporal))


@app.post("/paid", status_code=204)
async def paid(body: TwinOrder, temporal: Temporal) -> None:
    """Tell it that it has been paid."""
    await pay_twin(temporal, body.id)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
