"""Temporal behind TLS, as in a cluster or on Temporal Cloud: the real server behind a TLS front."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from services.settings import SettingError, read_settings
from temporal.client import connect
from temporal.pollers import purchase_pollers
from temporal.settings import TemporalSettings


@dataclass(frozen=True)
class Papers:
    """Certificates in files, as they are mounted in a cluster."""

    authority: trustme.CA
    ca: Path
    cert: Path
    key: Path
    stranger: Path
    """An authority that vouches for nobody here."""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Made for this test."""
    folder, authority = tmp_path_factory.mktemp("papers"), trustme.CA()
    ours = authority.issue_cert("worker.example")
    made = Papers(authority, *(folder / name for name in ("ca", "cert", "key", "stranger")))
    authority.cert_pem.write_to_path(made.ca)
    made.cert.write_bytes(b"".join(blob.bytes() for blob in ours.cert_chain_pems))
    ours.private_key_pem.write_to_path(made.key)
    trustme.CA().cert_pem.write_to_path(made.stranger)
    return made


@asynccontextmanager
async def tls_front(server: str, papers: Papers, *, mutual: bool) -> AsyncIterator[str]:
    """The address of a TLS listener that hands everything on to the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    papers.authority.issue_cert("127.0.0.1", "temporal.internal").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    if mutual:
        papers.authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    host, port = server.split(":")
    open_pipes: set[asyncio.Task[None]] = set()

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        beyond, ahead = await asyncio.open_connection(host, int(port))
        pipes = (pipe(reader, ahead), pipe(beyond, writer))
        tasks = [asyncio.create_task(each) for each in pipes]
        open_pipes.update(tasks)
        await asyncio.wait(tasks)

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        for task in open_pipes:
            task.cancel()
        await asyncio.gather(*open_pipes, return_exceptions=True)


async def pipe(source: StreamReader, sink: StreamWriter) -> None:
    """Hand on what comes until one side is through."""
    try:
        with suppress(OSError):
            while some := await source.read(65_536):
                sink.write(some)
                await sink.drain()
    finally:
        sink.close()
        with suppress(OSError, asyncio.CancelledError):
            await sink.wait_closed()


async def test_a_client_shows_its_certificate_and_believes_only_the_named_authority(
    temporal_address: str, papers: Papers
) -> None:
    async with tls_front(temporal_address, papers, mutual=True) as front:
        ours = TemporalSettings(
            address=front,
            tls_client_cert=papers.cert,
            tls_client_key=papers.key,
            tls_server_ca=papers.ca,
        )
        assert await purchase_pollers(await connect(ours)) >= 0

        for changed in (
            {"tls_client_cert": None, "tls_client_key": None},  # shows nothing
            {"tls_server_ca": papers.stranger},  # believes somebody else
            {"tls_server_name": "elsewhere.internal"},  # expects somebody else
        ):
            with pytest.raises(RuntimeError):
                await connect(ours.model_copy(update=changed))


async def test_the_server_may_have_another_name_than_its_address(
    temporal_address: str, papers: Papers
) -> None:
    async with tls_front(temporal_address, papers, mutual=False) as front:
        named = TemporalSettings(
            address=front,
            api_key=SecretStr("key"),
            tls_server_ca=papers.ca,
            tls_server_name="temporal.internal",
        )
        assert await purchase_pollers(await connect(named)) >= 0
        with pytest.raises(RuntimeError):  # the control: in plain text nobody is there
            await connect(TemporalSettings(address=front))


@pytest.mark.parametrize(
    ("environ", "speaks_tls"),
    [
        ({}, False),
        ({"TEMPORAL_API_KEY": "key"}, True),
        ({"TEMPORAL_API_KEY": ""}, False),
        ({"TEMPORAL_TLS": "true"}, True),
        ({"TEMPORAL_API_KEY": "key", "TEMPORAL_TLS": "false"}, False),
    ],
)
def test_tls_is_spoken_when_it_is_asked_for_or_needed(
    environ: dict[str, str], speaks_tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert read_settings(TemporalSettings).tls_config() is speaks_tls


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"CLIENT_CERT": "cert"}, "TEMPORAL_TLS_CLIENT_KEY: must be set with the other of the two"),
        ({"CLIENT_KEY": "key"}, "TEMPORAL_TLS_CLIENT_CERT: must be set with the other of the two"),
        ({"SERVER_CA": "nothing"}, "TEMPORAL_TLS_SERVER_CA: Path does not point to a file"),
    ],
)
def test_files_that_are_of_no_use_are_named(
    given: dict[str, str], said: str, papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, file in given.items():
        monkeypatch.setenv(f"TEMPORAL_TLS_{name}", str(papers.ca.with_name(file)))
    with pytest.raises(SettingError, match=said):
        read_settings(TemporalSettings)


def test_files_and_no_tls_contradict_each_other(
    papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA", str(papers.ca))
    monkeypatch.setenv("TEMPORAL_TLS", "false")
    with pytest.raises(SettingError, match=r"^TEMPORAL_TLS: must not be false"):
        read_settings(TemporalSettings)
