"""The judges of the other tests notice what they are there for."""

from typing import Final

import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.hypothesis.examples import generate_one
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api.problems import FieldError, InvalidRequest, NotFound, problems, render
from tests.api.fuzz.document import EXCEPTIONS, Trust, configuration
from tests.api.fuzz.judges import OURS
from tests.api.test_openapi import DOCUMENT

TRUE: Final[dict[str, Response]] = {
    "a number": JSONResponse(1),
    "nothing": render(NotFound()),
    "reason that no schema tells": render(InvalidRequest.on("title", "Must not be blank.")),
}
FALSE: Final[dict[str, Response]] = {
    "text instead of a number": JSONResponse("one"),
    "another media type": PlainTextResponse("1"),
    "a status that is not documented": JSONResponse({}, status_code=418),
    "a failure of ours": JSONResponse({}, status_code=500),
    "no problem": JSONResponse({"status": 404, "title": "No.", "type": "/no"}, status_code=404),
    "another status inside": JSONResponse(
        NotFound().body() | {"status": 403}, 404, media_type="application/problem+json"
    ),
    "fields without 422": render(NotFound(errors=[FieldError(field="title", message="No.")])),
    "422 without fields": render(InvalidRequest()),
    "a reason that a schema could tell": render(InvalidRequest.on("title", "Must be text.")),
}


def ask_for(answer: Response) -> None:
    """Have an operation that tells of numbers and problems answer like this."""
    app = FastAPI()

    @app.get("/api/number", responses=problems(NotFound, InvalidRequest), operation_id="number")
    async def number() -> int:
        return answer  # type: ignore[return-value]  # that is what is to be noticed

    document = app.openapi() | {"components": DOCUMENT["components"]}
    config = configuration(trust=Trust.ENTITLED)
    operation = schemathesis.openapi.from_dict(document, config=config)["/api/number"]["GET"]
    case = generate_one(operation.as_strategy())
    case.call_and_validate(app=app, additional_checks=OURS)


@pytest.mark.parametrize("answer", TRUE.values(), ids=list(TRUE))
def test_what_keeps_its_word_passes(answer: Response) -> None:
    ask_for(answer)


@pytest.mark.parametrize("answer", FALSE.values(), ids=list(FALSE))
def test_what_does_not_is_noticed(answer: Response) -> None:
    with pytest.raises(FailureGroup):
        ask_for(answer)


def test_exceptions_are_about_operations_that_there_are() -> None:
    operations = {
        operation["operationId"]
        for methods in DOCUMENT["paths"].values()
        for operation in methods.values()
    }
    assert {each["include-operation-id"] for each in EXCEPTIONS} <= operations
