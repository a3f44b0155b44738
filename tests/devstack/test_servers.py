"""The servers that the tests and the devstack run on."""

from datetime import timedelta
from pathlib import Path

from pymongo import MongoClient
from temporalio.testing import WorkflowEnvironment

from devstack.mongod import become_primary, find_mongod, mongod_command, mongod_uri
from devstack.temporal import find_temporal, temporal_answers, temporal_command
from tests.servers import free_port, running_server
from tests.waiting import eventually


def test_mongodb_takes_majority_writes(mongodb_uri: str) -> None:
    with MongoClient[dict[str, object]](mongodb_uri, w="majority", journal=True) as client:
        notes = client["te_devstack_test"]["notes"]
        notes.insert_one({"_id": "hello"})
        assert notes.delete_one({"_id": "hello"}).deleted_count == 1


def test_data_survives_a_move_to_another_port(tmp_path: Path) -> None:
    def serve(port: int) -> None:
        log = tmp_path / "mongod.log"
        command = mongod_command(find_mongod(), port=port, data=tmp_path)
        with (
            running_server(command, ready=lambda: become_primary(port), log=log),
            MongoClient[dict[str, object]](mongod_uri(port)) as client,
        ):
            client["te_devstack_test"]["notes"].insert_one({"port": port})
            ports.append(client["te_devstack_test"]["notes"].count_documents({}))

    ports: list[int] = []
    serve(free_port())
    serve(free_port())

    assert ports == [1, 2]


def test_temporal_answers_for_its_namespace(temporal_address: str) -> None:
    assert eventually(lambda: temporal_answers(find_temporal(), temporal_address))
    assert not temporal_answers(find_temporal(), temporal_address, namespace="no-such-namespace")


def test_temporal_keeps_its_data_in_the_database_file(tmp_path: Path) -> None:
    database = tmp_path / "temporal.db"
    command = temporal_command(Path("temporal"), port=1, ui_port=2, database=database)
    assert command[command.index("--db-filename") + 1] == str(database)
    assert {"journal_mode=wal", "synchronous=normal"} <= set(command)


def test_temporal_looks_for_tasks_as_often_as_there_are_some() -> None:
    command = temporal_command(Path("temporal"), port=1)
    configured = command[command.index("--dynamic-config-value") + 1]
    assert configured == "history.transferProcessorMaxPollRPS=1000"


async def test_hours_pass_at_once_on_the_time_skipping_server(
    time_skipping: WorkflowEnvironment,
) -> None:
    before = await time_skipping.get_current_time()
    await time_skipping.sleep(timedelta(hours=5))
    assert await time_skipping.get_current_time() - before >= timedelta(hours=5)
