"""The stand-ins as a process that is killed and comes back."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from devstack.simulators.signin.settings import Provider
from tests.devstack.signin.helpers import Application, answer_of, bearer
from tests.servers import free_port

COMMAND = (sys.executable, "-m", "devstack.simulators.signin")


@asynccontextmanager
async def a_process(port: int, data: Path, *more: str) -> AsyncIterator[Process]:
    """The command, ready to answer."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *("--port", str(port), "--data", str(data)), *more, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as http:
            while not await is_up(http, port):
                assert process.returncode is None
                await asyncio.sleep(0.02)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def is_up(http: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await http.get(f"http://127.0.0.1:{port}/healthz")).is_success
    except httpx.TransportError:
        return False


async def test_a_killed_stand_in_remembers_people_keys_and_sign_ins(tmp_path: Path) -> None:
    port, data = free_port(), tmp_path / "new-folder" / "signin.sqlite"
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        google = Application(http, Provider.GOOGLE)
        async with a_process(port, data) as process:
            ada = await google.plant()
            code = answer_of(await google.authorize())["code"]
            tokens = await google.tokens()
            page = await google.page()
            key = (await http.get("/google/jwks")).json()
            process.kill()
            await process.wait()

        async with a_process(port, data) as process:
            assert (await http.get("/_sim/people")).json() == [ada]
            assert "ada@example.com" in (await http.get("/")).text
            assert (await http.get("/google/jwks")).json() == key
            assert (await http.get("/google/userinfo", headers=bearer(tokens))).is_success
            assert (await google.exchange(code)).json()["access_token"]
            assert "code" in answer_of(await google.decide(page, person=ada["subject"]))
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await process.wait() == 0


async def test_the_command_line_says_which_applications_are_known(tmp_path: Path) -> None:
    port, mine = free_port(), "https://tickets.example/api/auth/google/callback"
    more = (
        *("--google-client", "mine", "my-secret", "--google-client", "other", "secret"),
        *("--google-redirect-uri", mine),
    )
    async with (
        a_process(port, tmp_path / "signin.sqlite", *more),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        google, github = Application(http, Provider.GOOGLE), Application(http, Provider.GITHUB)
        assert (await google.authorize()).status_code == 401
        assert (await github.authorize()).status_code == 200
        for google.client_id, google.secret in (("mine", "my-secret"), ("other", "secret")):
            assert (await google.authorize()).status_code == 400
            google.redirect_uri = mine
            assert "access_token" in await google.tokens()
            google.redirect_uri = "http://127.0.0.1:8000/api/auth/google/callback"


async def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    port, data = free_port(), tmp_path / "signin.sqlite"
    async with a_process(port, data):
        second = await asyncio.create_subprocess_exec(
            *COMMAND, *("--port", str(port), "--data", str(data)), stderr=PIPE
        )
        _, errors = await second.communicate()
    assert second.returncode == 1
    assert errors.decode().startswith(f"Cannot serve the sign-in stand-ins on port {port}: ")
    assert errors.count(b"\n") == 1


async def test_help_says_how_to_start_it() -> None:
    process = await asyncio.create_subprocess_exec(*COMMAND, "--help", stdout=PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0
    for word in (
        *("--port", "--data", "--google-client", "--google-redirect-uri"),
        *("--github-client", "--github-redirect-uri", "/_sim", "issuer"),
    ):
        assert word in output.decode()
