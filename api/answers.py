"""What the OpenAPI document tells of answers beside their bodies: headers, and where they lead."""

from typing import Any, Final

Part = dict[str, Any]


def _header(description: str) -> Part:
    return {"description": description, "required": True, "schema": {"type": "string"}}


PLACED: Final[Part] = {"Location": _header("The address of what was made.")}
A_FILE: Final[Part] = {"Content-Disposition": _header("Has browsers keep it as a file.")}
A_SESSION: Final[Part] = {"Set-Cookie": _header("The session that has just begun.")}

SIGNED_IN: Final[Part] = {
    "headers": A_SESSION,
    "links": {
        "me": {
            "operationId": "me",
            "description": "The browser that keeps the cookie is signed in.",
        }
    },
}
"""A user whose session has just begun."""

FOR_SALE: Final[Part] = {
    "links": {
        "buy": {
            "operationId": "createOrder",
            "requestBody": {"ticket_id": "$response.body#/id"},
            "description": "Anybody but its seller can buy the ticket.",
        }
    }
}
"""A ticket."""

ALSO_SIGNED_OUT: Final[Part] = {"security": [{}]}
"""Extra of an operation that may be asked signed in or not: FastAPI would say signed in only."""
