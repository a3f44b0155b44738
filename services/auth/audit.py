"""What checks ask of the auth database, in pages. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime

from services.auth.documents import LetterRequest
from services.pages import after, unhurried


class AuthAudit:
    """Letters that were asked for and never written."""

    @unhurried
    async def unsettled(
        self, *, since: datetime, before: datetime, place: str, limit: int
    ) -> list[LetterRequest]:
        """Letters asked for within this time and neither sent nor found to be for nobody."""
        wanted = {
            "settled_at": None,
            "created_at": {"$gte": since, "$lt": before},
            **after("created_at", place),
        }
        return await LetterRequest.find(wanted).sort("created_at", "_id").limit(limit).to_list()

    @unhurried
    async def still_unsettled(self, request_ids: Collection[str]) -> set[str]:
        """Those of these letters that wait still."""
        wanted = {"_id": {"$in": list(request_ids)}, "settled_at": None}
        return {letter.id async for letter in LetterRequest.find(wanted)}
