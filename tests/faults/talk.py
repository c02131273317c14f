"""A client so plain that nothing of it is ours or anybody's: a socket, a request, an answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

UNKNOWN = 0
"""The status of a request whose answer never came: it may have been done."""
SILENT_AFTER = 60.0


def ask(
    port: int, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    """Send one request on a connection of its own; return status, body and headers.

    A connection that is refused, cut or silent gives `UNKNOWN`.
    """
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += ["Connection: close", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=SILENT_AFTER) as connection:
            connection.sendall(request)
            parts = []
            while part := connection.recv(1 << 16):
                parts.append(part)
    except OSError:
        return UNKNOWN, b"", {}
    return _read(b"".join(parts))


def _read(raw: bytes) -> tuple[int, bytes, dict[str, str]]:
    head, divided, body = raw.partition(b"\r\n\r\n")
    if not divided:
        return UNKNOWN, b"", {}
    first, *others = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in others)
    }
    if headers.get("transfer-encoding") == "chunked":
        whole = _unchunked(body)
    else:
        whole = body if len(body) == int(headers.get("content-length", "0")) else None
    if whole is None:  # cut in the middle
        return UNKNOWN, b"", {}
    return int(first.split()[1]), whole, headers


def _unchunked(raw: bytes) -> bytes | None:
    """Return a body that came in chunks, None where it was cut."""
    found = bytearray()
    while True:
        size, divided, raw = raw.partition(b"\r\n")
        if not divided:
            return None
        length = int(size, 16)
        if length == 0:
            return bytes(found)
        if len(raw) < length + 2:
            return None
        found += raw[:length]
        raw = raw[length + 2 :]


def as_body(content: Mapping[str, Any]) -> bytes:
    """Return a body of JSON."""
    return json.dumps(content).encode()
