"""Every query of the operations database. Repeating any write is safe."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from services.operations.documents import CheckRun, Finding

OPEN = {"closed_at": None}


class OperationsStore:
    """Findings and the checks that made them."""

    async def report(self, finding: Finding) -> bool:
        """Put a finding on the board, or note that it is still so; True when it is new there.

        A finding that had gone opens again. One that was dismissed stays dismissed.
        """
        findings = Finding.get_pymongo_collection()
        before = await findings.find_one_and_update(
            {"_id": finding.id}, _noted(finding, closed_at=None, closed_because=None), upsert=True
        )
        return before is None or before.get("closed_because") in ("gone", "healed")

    async def board(self) -> list[Finding]:
        """What is open, oldest first."""
        return await Finding.find(OPEN).sort("found_at", "_id").limit(500).to_list()

    async def open_counts(self) -> dict[str, int]:
        """How many findings of each kind are open."""
        return await _counts(OPEN)

    async def of_orders(self, order_ids: Collection[str]) -> list[Finding]:
        """The open findings about these orders."""
        return await Finding.find({**OPEN, "order_id": {"$in": list(order_ids)}}).to_list()

    async def close_unseen(
        self, *, before: datetime, at: datetime, kinds: Collection[str], order_id: str | None = None
    ) -> int:
        """Close what a check that began at ``before`` did not find any more; how many there were.

        With ``order_id``, only of a check of that one order.
        """
        gone: dict[str, Any] = {**OPEN, "kind": {"$in": list(kinds)}, "seen_at": {"$lt": before}}
        if order_id is not None:
            gone["order_id"] = order_id
        closed = await Finding.get_pymongo_collection().update_many(
            gone, {"$set": {"closed_at": at, "closed_because": "gone"}}
        )
        return closed.modified_count

    async def open_page(self, *, after: str, limit: int) -> list[Finding]:
        """What is open, by id, from behind this id on."""
        wanted = {**OPEN, "_id": {"$gt": after}}
        return await Finding.find(wanted).sort("_id").limit(limit).to_list()

    async def note_healed(self, finding: Finding, *, at: datetime) -> None:
        """We have put this right, whether or not it has been on the board."""
        await Finding.get_pymongo_collection().update_one(
            {"_id": finding.id},
            _noted(finding, closed_at=at, closed_because="healed"),
            upsert=True,
        )

    async def healed(self, *, since: datetime) -> list[Finding]:
        """What we have put right since then, newest first."""
        mended = {"closed_at": {"$gte": since}, "closed_because": "healed"}
        return await Finding.find(mended).sort("-closed_at", "_id").limit(100).to_list()

    async def healed_counts(self, *, since: datetime) -> dict[str, int]:
        """How many findings of each kind we have put right since then."""
        return await _counts({"closed_at": {"$gte": since}, "closed_because": "healed"})

    async def count_seen(self, *, since: datetime, order_id: str | None = None) -> int:
        """How many of the open findings a check that began then has found."""
        seen: dict[str, Any] = {**OPEN, "seen_at": {"$gte": since}}
        if order_id is not None:
            seen["order_id"] = order_id
        return await Finding.get_pymongo_collection().count_documents(seen)

    async def dismiss(self, finding_id: str, *, by: str, why: str, at: datetime) -> bool:
        """A person has dealt with it; False when it is not open."""
        changed = await Finding.get_pymongo_collection().update_one(
            {"_id": finding_id, **OPEN},
            {
                "$set": {
                    "closed_at": at,
                    "closed_because": "dismissed",
                    "closed_by": by,
                    "why": why,
                }
            },
        )
        return changed.modified_count == 1

    async def note_run(self, run: CheckRun) -> None:
        """Write down how far a reconciliation has come."""
        await run.save()

    async def last_run(self) -> CheckRun | None:
        """The newest reconciliation, finished or not."""
        return await CheckRun.find_all().sort("-began_at").first_or_none()

    async def last_complete_run(self) -> CheckRun | None:
        """The newest reconciliation that has looked at everything."""
        done = CheckRun.find({"ended_at": {"$ne": None}})
        return await done.sort("-began_at").first_or_none()


_DISMISSED = {"$eq": ["$closed_because", "dismissed"]}
_IS_OPEN_OR_DISMISSED = {
    "$and": [
        {"$gt": ["$found_at", None]},
        {"$in": [{"$ifNull": ["$closed_because", None]}, [None, "dismissed"]]},
    ]
}


def _noted(
    finding: Finding, *, closed_at: datetime | None, closed_because: str | None
) -> list[dict[str, Any]]:
    """The update that takes note of a finding. What a person has dismissed stays dismissed."""
    said = finding.model_dump(
        include={"kind", "subject", "detail", "order_id", "ticket_id", "payment_intent_id"}
    )
    closed = {
        "closed_at": closed_at,
        "closed_because": closed_because,
        "closed_by": None,
        "why": None,
    }
    return [
        {
            "$set": {
                **{name: {"$literal": value} for name, value in said.items()},
                "seen_at": finding.seen_at,
                "found_at": {"$cond": [_IS_OPEN_OR_DISMISSED, "$found_at", finding.found_at]},
                "times_seen": {"$add": [{"$ifNull": ["$times_seen", 0]}, 1]},
                **{
                    name: {"$cond": [_DISMISSED, f"${name}", value]}
                    for name, value in closed.items()
                },
            }
        }
    ]


async def _counts(wanted: dict[str, Any]) -> dict[str, int]:
    grouped = await Finding.get_pymongo_collection().aggregate(
        [{"$match": wanted}, {"$group": {"_id": "$kind", "count": {"$sum": 1}}}]
    )
    return {each["_id"]: each["count"] async for each in grouped}
