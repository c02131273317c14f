"""Heads that are too large, too long or too slow are refused; sound ones are not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from solvent.serve import protocol as protocol_module
from solvent.serve.protocol import MOST_HEAD_BYTES, MOST_HEADERS, MOST_URL_BYTES, PatientProtocol


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a small application behind the protocol, whose patience is short."""
    monkeypatch.setattr(protocol_module, "HEAD_SECONDS", 0.5)
    config = uvicorn.Config(
        PlainTextResponse("done"), host="127.0.0.1", port=0, log_level="error", lifespan="off",
        http=PatientProtocol,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def asked(port: int, *parts: str, pause: float = 0.0) -> str:
    """Send the parts of a request and return what is answered until the server hangs up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        try:
            for part in parts:
                client.sendall(part.encode("latin-1"))
                time.sleep(pause)
            while got := client.recv(65_536):
                answer += got
        except (BrokenPipeError, ConnectionResetError):
            pass  # it hung up before all was sent
    return answer.decode()


END = "Connection: close\r\n\r\n"


def test_a_sound_request_is_answered(port: int) -> None:
    headers = "".join(f"X-{n}: {'v' * 200}\r\n" for n in range(MOST_HEADERS - 2))
    address = "/" + "a" * (MOST_URL_BYTES - 1)
    answer = asked(port, f"GET {address} HTTP/1.1\r\nHost: x\r\n{headers}{END}")
    assert answer.startswith("HTTP/1.1 200 ")
    assert answer.endswith("done")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("".join(f"X-{n}: v\r\n" for n in range(MOST_HEADERS)), 431),
        (f"X-Long: {'v' * MOST_HEAD_BYTES}\r\n", 431),
        ("".join(f"X-{n}: {'v' * 1000}\r\n" for n in range(40)), 431),
    ],
)
def test_a_head_that_is_too_large_is_refused(port: int, head: str, status: int) -> None:
    answer = asked(port, "GET / HTTP/1.1\r\nHost: x\r\n", head, END)
    assert answer.count("HTTP/1.1 ") == 1
    assert answer.startswith(f"HTTP/1.1 {status} ")


def test_an_address_that_is_too_long_is_refused(port: int) -> None:
    answer = asked(port, f"GET /{'a' * MOST_URL_BYTES} HTTP/1.1\r\nHost: x\r\n{END}")
    assert answer.startswith("HTTP/1.1 414 ")


def test_a_head_that_trickles_is_given_up(port: int) -> None:
    begun = time.monotonic()
    parts = ("GET / HTTP/1.1\r\n", *(f"X-{n}: v\r\n" for n in range(100)))
    answer = asked(port, *parts, pause=0.1)
    assert answer.startswith("HTTP/1.1 408 ") or answer == ""  # refused while it was still sending
    assert time.monotonic() - begun < 8


def test_a_connection_that_says_nothing_is_given_up(port: int) -> None:
    begun = time.monotonic()
    assert asked(port).startswith("HTTP/1.1 408 ")
    assert 0.3 < time.monotonic() - begun < 10


def test_what_is_no_http_is_told_so(port: int) -> None:
    assert asked(port, "\x16\x03\x01 hello\r\n\r\n").startswith("HTTP/1.1 400 ")


def test_two_requests_of_one_connection_are_both_answered(port: int) -> None:
    one = "GET / HTTP/1.1\r\nHost: x\r\n"
    answer = asked(port, f"{one}\r\n", f"{one}{END}", pause=0.7)  # longer than a head may take
    assert answer.count("HTTP/1.1 200 ") == 2
