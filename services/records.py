"""Base of every stored document."""

from beanie import Document


class Record(Document):
    """A document whose id is a text of ours, the same in MongoDB, JSON and Temporal."""

    id: str  # type: ignore[assignment]  # Beanie's default is an ObjectId; any type may take its place
