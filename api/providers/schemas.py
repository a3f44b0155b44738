"""Signing in with a provider, on the wire."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

ProviderName = Annotated[
    str, Path(description="`google` or `github`, if this marketplace offers it.")
]
Next = Annotated[
    str,
    Query(
        alias="next",
        description="The page to show afterwards: a path of this site, or else the home page.",
    ),
]


class Departure(BaseModel):
    """Where to send the browser."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"url": "https://github.com/login/oauth/authorize?client_id=…"}]
        }
    )

    url: str


class Callback(BaseModel):
    """What a provider sends a browser back with; whatever else it adds is left alone."""

    state: Annotated[str, Field(max_length=500)] = ""
    code: Annotated[str | None, Field(max_length=4000)] = None
    error: Annotated[str | None, Field(max_length=100)] = None
    iss: Annotated[str | None, Field(max_length=500)] = None
