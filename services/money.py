"""Money, as every service keeps it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Currency = Literal["CAD"]


class Money(BaseModel):
    """An amount in minor units (cents), so that no sum is ever rounded."""

    model_config = ConfigDict(frozen=True)

    amount: int
    currency: Currency = "CAD"
