"""HTTP as uvicorn reads it, with an end to its patience: for slow heads, long ones, long addresses.

The server itself collects a head for as long as it comes. A limit in the application would come
too late: it hears of a request when its head is whole.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS: Final = 10.0
"""Seconds within which a head must be there, from its first byte or from the connection on."""
MOST_HEADERS: Final = 100
MOST_HEAD_BYTES: Final = 32 * 1024
MOST_URL_BYTES: Final = 8 * 1024
MOST_CONNECTIONS: Final = 1_000
_TOO_LONG: Final = b"414 URI Too Long"
_TOO_LARGE: Final = b"431 Request Header Fields Too Large"
_TOO_SLOW: Final = b"408 Request Timeout"


class _RefusedError(Exception):
    """The rest of what comes is not read."""


class PatientProtocol(HttpToolsProtocol):
    """Reads requests; refuses those whose head is too large or comes too slowly."""

    _timer: asyncio.TimerHandle | None = None
    _in_head, _refused = False, False
    _size, _count = 0, 0

    def connection_made(  # type: ignore[override]  # as the class above has it
        self, transport: asyncio.Transport
    ) -> None:
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came; wait for the rest of a head that is not whole."""
        if self._refused:
            return
        super().data_received(data)
        if self._in_head and self._timer is None and not self._refused:
            self._wait()

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head, self._size, self._count = True, 0, 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        super().on_url(url)
        if len(self.url) > MOST_URL_BYTES:
            self._refuse(_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        super().on_header(name, value)
        self._size += len(name) + len(value)
        self._count += 1
        if self._count > MOST_HEADERS or self._size > MOST_HEAD_BYTES:
            self._refuse(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """End a head: what follows is a body, which the application waits for."""
        self._in_head = False
        self._rest()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, unless it was refused for another reason."""
        if not self._refused:
            super().send_400_response(msg)

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        self._answer(_TOO_SLOW)

    def _refuse(self, status: bytes) -> None:
        self._answer(status)
        raise _RefusedError

    def _answer(self, status: bytes) -> None:
        self._refused = True
        if not self.transport.is_closing():
            answer = b"HTTP/1.1 %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % status
            self.transport.write(answer)
            self.transport.close()
