"""Sample people and listings get in through the API, once."""

from typing import Annotated, Any

from fastapi import Cookie, FastAPI, HTTPException, Response

from devstack.seed import BUYER, SELLERS, seed
from devstack.serving import serving


class FakeMarket:
    """As much of the API as the seed talks to."""

    def __init__(self) -> None:
        self.people: list[str] = []
        self.tickets: list[dict[str, Any]] = []

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/api/users/register", status_code=201)
        async def register(body: dict[str, str], response: Response) -> None:
            self.people.append(body["email"])
            response.set_cookie("session", body["email"])

        @app.post("/api/users/login")
        async def login(body: dict[str, str], response: Response) -> None:
            if body["email"] not in self.people:
                raise HTTPException(401)
            response.set_cookie("session", body["email"])

        @app.get("/api/tickets")
        async def tickets(status: str, session: Annotated[str, Cookie()]) -> dict[str, Any]:
            mine = [each for each in self.tickets if each["seller"] == session]
            return {"items": mine if status == "sold" else []}

        @app.post("/api/tickets", status_code=201)
        async def offer(body: dict[str, Any], session: Annotated[str, Cookie()]) -> None:
            self.tickets.append({**body, "seller": session})

        return app


async def test_a_second_seeding_adds_nothing() -> None:
    market, said = FakeMarket(), list[str]()
    async with serving(market.app()) as address:
        for _ in range(2):
            await seed(address, said.append)

    listings = sum(len(each) for each in SELLERS.values())
    assert market.people == [*SELLERS, BUYER]
    assert len(market.tickets) == listings
    assert len(said) == 2 * len(market.people)


async def test_a_failure_is_told_and_does_not_stop_the_stack() -> None:
    said: list[str] = []
    await seed("http://127.0.0.1:1", said.append)
    (sentence,) = said
    assert sentence.startswith("The sample data could not be put in")
