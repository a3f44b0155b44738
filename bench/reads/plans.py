"""How MongoDB finds what it is asked for."""

from typing import Any, Final

from pydantic import BaseModel
from pymongo import timeout
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import PyMongoError

from bench.reads.questions import Question
from tests.queries import stages_of

LONGEST_SECONDS: Final = 5.0
"""What is not found within that is not counted either."""


class Planned(BaseModel):
    """The plan that MongoDB follows."""

    indexes: list[str]
    scans: bool
    """Whether it reads all of the collection."""
    documents: int | None = None
    """How many it looked at; None if it did not come to an end."""
    keys: int | None = None
    """How many entries of indexes it looked at."""


async def planned(collection: AsyncCollection[dict[str, Any]], question: Question) -> Planned:
    """The question, explained and carried out; only explained if that would take too long."""
    sought = await question.sought()
    command = {
        "find": collection.name,
        "filter": sought.query,
        **({"hint": sought.index} if sought.index else {}),
        "sort": dict(question.sort.order),
        "limit": question.limit,
    }
    try:
        with timeout(LONGEST_SECONDS):
            explained = await _explained(collection, command, "executionStats")
    except PyMongoError as error:
        if not error.timeout:
            raise
        explained = await _explained(collection, command, "queryPlanner")
    stages = list(stages_of(explained["queryPlanner"]["winningPlan"]))
    counted = explained.get("executionStats", {})
    return Planned(
        indexes=sorted({each["indexName"] for each in stages if "indexName" in each}),
        scans=any(each["stage"] == "COLLSCAN" for each in stages),
        documents=counted.get("totalDocsExamined"),
        keys=counted.get("totalKeysExamined"),
    )


async def _explained(
    collection: AsyncCollection[dict[str, Any]], command: dict[str, Any], verbosity: str
) -> dict[str, Any]:
    return await collection.database.command({"explain": command, "verbosity": verbosity})
