"""A client of loopback servers: requests sent as fast as they are answered, over raw sockets."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_AT_ONCE = 1 << 16
_LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a server answered.

    Args:
        seconds: From the first request to the last answer.
        times: What each answer took, in milliseconds, in the order they came.
        last: The last answer's body.
    """

    seconds: float
    times: tuple[float, ...]
    last: bytes


@dataclass(slots=True, kw_only=True)
class _Line:
    """One connection: what it waits for."""

    socket: socket.socket
    sent: int = 0
    held: bytes = b""


def request(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return a POST as it goes over the wire."""
    told = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def ask(port: int, requests: Sequence[bytes], *, clients: int, status: int) -> Told:
    """Send requests over some connections, each as soon as the one before it was answered.

    Args:
        port: Where the server listens.
        requests: From `request`; sent in turn.
        clients: How many connections.
        status: What every answer must be.

    Raises:
        RuntimeError: An answer is another.
    """
    wanted = f"HTTP/1.1 {status} ".encode()
    waiting, times, last = iter(requests), list[float](), b""
    with selectors.DefaultSelector() as selector:
        lines = [
            _Line(socket=socket.create_connection(("127.0.0.1", port))) for _ in range(clients)
        ]
        started = time.perf_counter_ns()
        for line in lines:
            line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(line.socket, selectors.EVENT_READ, line)
            _send(line, waiting)
        while len(times) < len(requests):
            for key, _ in selector.select():
                line = key.data
                body = _answered(line, wanted)
                if body is None:
                    continue
                times.append((time.perf_counter_ns() - line.sent) / 1e6)
                last = body
                _send(line, waiting)
        seconds = (time.perf_counter_ns() - started) / 1e9
        for line in lines:
            line.socket.close()
    return Told(seconds=seconds, times=tuple(times), last=last)


def _send(line: _Line, waiting: Iterator[bytes]) -> None:
    one = next(waiting, None)
    if one is not None:
        line.held, line.sent = b"", time.perf_counter_ns()
        line.socket.sendall(one)


def _answered(line: _Line, wanted: bytes) -> bytes | None:
    """Return an answer's body once it is there, else None."""
    got = line.socket.recv(_AT_ONCE)
    line.held += got
    head, end, body = line.held.partition(b"\r\n\r\n")
    if not got or (end and not head.startswith(wanted)):
        raise RuntimeError(f"the server answered {line.held[:500]!r}")
    if not end:
        return None
    length = head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0]
    return body if len(body) >= int(length) else None
