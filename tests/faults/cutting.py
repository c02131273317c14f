"""A wire between a program and Postgres that is cut just before a COMMIT, or just after it."""

from __future__ import annotations

import random
import socket
import threading
import time
from contextlib import suppress
from typing import Final

COMMIT: Final = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The message by which a client of Postgres asks for a commit."""
PARSED: Final = b"COMMIT\x00"
SETTLED: Final = 0.1
"""Seconds in which a commit under way is done."""


class CutWire:
    """Passes bytes on in both directions; now and then it is cut at a commit.

    A cut before the commit loses it; a cut after it keeps it, and nobody is told. Who sent it
    cannot know which of the two it was.

    Args:
        server: Port of the server.
        seed: What chance is drawn from.
        share: Share of commits it is cut at; may be changed at any time.
    """

    def __init__(self, server: int, seed: int, share: float) -> None:
        self._server, self.share = server, share
        self._draw = random.Random(f"{seed} wire")  # noqa: S311 - a fault, not a secret
        self._turn = threading.Lock()
        self.before = self.after = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def cuts(self) -> int:
        """How often it was cut."""
        return self.before + self.after

    def close(self) -> None:
        """Let nobody in any more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            threading.Thread(target=self._asked, args=(client, server), daemon=True).start()
            threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()

    def _asked(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what a client sends; where it asks for a commit, draw whether it is cut."""
        with suppress(OSError):
            while part := client.recv(1 << 16):
                cut = self._drawn(part)
                if cut:
                    _silence(client)
                if cut != "before":
                    server.sendall(part)
                if cut == "after":
                    _wait_until_done(server)
                if cut:
                    break
        _end(client, server)

    def _drawn(self, part: bytes) -> str:
        if not (part.endswith(COMMIT) or PARSED in part):
            return ""
        with self._turn:
            if self._draw.random() >= self.share:
                return ""
            if self.before > self.after:
                self.after += 1
                return "after"
            self.before += 1
            return "before"


def _silence(client: socket.socket) -> None:
    """Let the client hear nothing more; what the server answers is lost."""
    client.shutdown(socket.SHUT_WR)


def _wait_until_done(server: socket.socket) -> None:
    """Give the server time to commit: it would roll back what is cut before it has read it."""
    server.shutdown(socket.SHUT_WR)  # it reads the commit first, then the end
    time.sleep(SETTLED)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(1 << 16):
            target.sendall(part)
    _end(source, target)


def _end(*both: socket.socket) -> None:
    for one in both:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
