"""Base of every stored document."""

from beanie import Document


class Record(Document):
    """A document whose id is a string that we choose: the same text in MongoDB, JSON and Temporal."""

    id: str  # type: ignore[assignment]  # Beanie's default is an ObjectId; any type may take its place
