"""What a buyer sends."""

import json
from urllib.parse import urlsplit

from bench.hot.errands import Buyer


def wants(api: str, ticket_id: str, buyer: Buyer, key: str | None = None) -> bytes:
    """``POST /api/orders`` of this buyer, as a proxy passes it on."""
    body = json.dumps({"ticket_id": ticket_id}).encode()
    head = (
        "POST /api/orders HTTP/1.1\r\n"
        f"Host: {urlsplit(api).netloc}\r\n"
        f"Cookie: session={buyer.token}\r\n"
        f"X-Forwarded-For: {buyer.address}\r\n"
        + (f"Idempotency-Key: {key}\r\n" if key else "")
        + "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
