"""How much is taken from whom: rates by key and by address, and an end to the queue.

A key that opened something has a bucket of its own. A key nobody has seen open anything counts
against its address, so that guessing slows down while the keys in use behind the same address go
on; so does the first call of a sound key. What is remembered of a key is a digest.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solvent.app.limits import Limits, Rate
from solvent.serve.access import KNOWN
from solvent.serve.problems import FORM, Problem, problem_response, sorry_for

MOST_BUCKETS: Final = 20_000
BODY_SECONDS: Final = 30.0
"""Seconds within which a body must be there; and as many more as it takes at `BODY_RATE`."""
BODY_RATE: Final = 256 * 1024
"""Bytes a second that a large body must come with at least."""
MOST_STRANGE: Final = 50
"""Bodies of one address without a key of ours that may be under way at once."""
UNLIMITED: Final = frozenset({"/health", "/ready"})
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER: Final = b"authorization"
NETWORK_BITS: Final = 64
"""Whoever has one IPv6 address mostly has a network of these."""
UNAUTHORIZED: Final = 401


class Buckets:
    """Token buckets by name: each fills at a rate, each request takes a token.

    Those used least lately are forgotten, which fills them: memory has an end.

    Args:
        rate: How quickly they fill, and how much they hold.
        clock: Seconds that never go back.
        most: How many are remembered.
    """

    def __init__(
        self, rate: Rate, *, clock: Callable[[], float] = time.monotonic, most: int = MOST_BUCKETS
    ) -> None:
        self._rate, self._clock, self._most = rate, clock, most
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __contains__(self, name: Hashable) -> bool:
        return name in self._left

    def __len__(self) -> int:
        return len(self._left)

    def take(self, name: Hashable) -> float:
        """Take a token; return 0.0, or the seconds until there is one."""
        rate = self._rate
        if not rate.per_second:
            return 0.0
        now = self._clock()
        left, since = self._left.get(name, (rate.at_once, now))
        left = min(rate.at_once, left + (now - since) * rate.per_second)
        waits = 0.0 if left >= 1.0 else (1.0 - left) / rate.per_second
        self._left[name] = (left if waits else left - 1.0, now)
        self._left.move_to_end(name)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return waits

    def know(self, name: Hashable) -> None:
        """Give a name a full bucket, where it has none."""
        if name not in self._left:
            self._left[name] = (self._rate.at_once, self._clock())
            if len(self._left) > self._most:
                self._left.popitem(last=False)

    def forget(self, name: Hashable) -> None:
        """Take a name's bucket away."""
        self._left.pop(name, None)


class Throttle:
    """Lets requests through within limits, answers 429 and 503 with `Retry-After` beyond them.

    Args:
        app: The application it stands around.
        limits: What is let through.
    """

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app, self._most = app, limits.waiting
        self._keys, self._public = Buckets(limits.key), Buckets(limits.public)
        self._strangers = Buckets(limits.wrong_keys)
        self._waiting = 0
        self._strange: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in UNLIMITED:
            await self._app(scope, receive, send)
            return
        key, address = _key_of(scope), _network(scope["client"][0] if scope["client"] else "")
        waits = self._waits(key, address)
        if waits:
            await _refuse(_too_often(waits), scope, receive, send)
        elif scope["method"] in READING:
            await self._app(scope, receive, send if key is None else self._noting(key, scope, send))
        elif self._waiting >= self._most or (
            self._is_strange(key) and self._strange[address] >= MOST_STRANGE
        ):
            await _refuse(_too_many(), scope, receive, send)
        else:
            await self._counted(key, address, scope, _hurried(receive), send)

    async def _counted(
        self, key: bytes | None, address: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer a request with a body, which counts as waiting meanwhile."""
        strange = self._is_strange(key)
        self._waiting += 1
        self._strange[address] += strange
        try:
            await self._app(scope, receive, send if key is None else self._noting(key, scope, send))
        finally:
            self._waiting -= 1
            self._strange[address] -= strange
            if not self._strange[address]:
                del self._strange[address]

    def _is_strange(self, key: bytes | None) -> bool:
        """Return whether nothing was opened with a key yet."""
        return key is None or key not in self._keys

    def _waits(self, key: bytes | None, address: str) -> float:
        if key is None:
            return self._public.take(address)
        return self._keys.take(key) if key in self._keys else self._strangers.take(address)

    def _noting(self, key: bytes, scope: Scope, send: Send) -> Send:
        """Return `send` that notes whether a key is one of ours."""

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                if scope.get(KNOWN):
                    self._keys.know(key)
                elif message["status"] == UNAUTHORIZED:
                    self._keys.forget(key)
            await send(message)

        return noted


def _key_of(scope: Scope) -> bytes | None:
    """Return a digest of the key that was sent, None where none was."""
    for name, value in scope["headers"]:
        if name == _BEARER:
            plain = value.partition(b" ")[2].strip()
            return hashlib.blake2b(plain, digest_size=16).digest()
    return None


@lru_cache(maxsize=4_096)
def _network(address: str) -> str:
    """Return what addresses of one caller share.

    >>> _network("2001:db8::1") == _network("2001:db8::ffff"), _network("127.0.0.1")
    (True, '127.0.0.1')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, NETWORK_BITS), strict=False))


def _hurried(receive: Receive) -> Receive:
    """Return `receive` that waits no longer for a body than it may take."""
    loop = asyncio.get_running_loop()
    until, whole = loop.time() + BODY_SECONDS, False

    async def hurried() -> Message:
        nonlocal until, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise Problem(
                408, f"the body did not come within {BODY_SECONDS:g} seconds",
                hint="send less at once, or more quickly", headers={"Connection": "close"},
            ) from None  # fmt: skip
        whole = message["type"] != "http.request" or not message.get("more_body", False)
        until += len(message.get("body", b"")) / BODY_RATE
        return message

    return hurried


def _too_often(waits: float) -> Problem:
    return Problem(
        429, "too many requests", hint="wait as long as Retry-After says, then send fewer",
        headers={"Retry-After": str(math.ceil(waits))},
    )  # fmt: skip


def _too_many() -> Problem:
    return Problem(
        503, "too many requests wait to be answered; nothing was done",
        hint="wait as long as Retry-After says, then send it again", headers={"Retry-After": "1"},
    )  # fmt: skip


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer without looking at the request any further."""
    at_form = scope["path"].startswith(FORM)
    answer = sorry_for(problem) if at_form else problem_response(problem)
    await answer(scope, receive, send)
