"""How much the API takes from one caller, and how much at once; read from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from solvent.errors import DeclarationError

MOST_RATE, MOST_WAITING = 1_000_000.0, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Requests that are let through: many at once, then so many a second.

    Args:
        per_second: How many come back a second; 0 for no limit.
        at_once: How many may come at once after a rest.
    """

    per_second: float
    at_once: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is let through.

    Args:
        key: Requests of one API key (`SOLVENT_RATE_LIMIT`).
        public: Requests without a key, of one address (`SOLVENT_RATE_LIMIT_PUBLIC`).
        wrong_keys: Requests with a key nobody knows, of one address
            (`SOLVENT_RATE_LIMIT_WRONG_KEYS`).
        waiting: Requests with a body that are worked on or wait at once (`SOLVENT_MOST_WAITING`).
    """

    key: Rate = Rate(per_second=1_000.0, at_once=2_000.0)
    public: Rate = Rate(per_second=10.0, at_once=200.0)
    wrong_keys: Rate = Rate(per_second=1.0, at_once=100.0)
    waiting: int = 200


def read_limits(environment: Mapping[str, str]) -> Limits:
    """Return the limits the environment gives.

    A rate is written "PER_SECOND" or "PER_SECOND/AT_ONCE"; 0 is no limit.

    Raises:
        DeclarationError: One is no rate, or no number.

    >>> read_limits({"SOLVENT_RATE_LIMIT": "50/200"}).key
    Rate(per_second=50.0, at_once=200.0)
    """
    plain = Limits()
    return Limits(
        key=_rate(environment, "SOLVENT_RATE_LIMIT", plain.key),
        public=_rate(environment, "SOLVENT_RATE_LIMIT_PUBLIC", plain.public),
        wrong_keys=_rate(environment, "SOLVENT_RATE_LIMIT_WRONG_KEYS", plain.wrong_keys),
        waiting=_waiting(environment, "SOLVENT_MOST_WAITING", plain.waiting),
    )


def _rate(environment: Mapping[str, str], name: str, default: Rate) -> Rate:
    text = environment.get(name)
    if not text:
        return default
    written, _, at_once = text.partition("/")
    try:
        per_second = float(written)
        burst = float(at_once) if "/" in text else max(1.0, 2.0 * per_second)
    except ValueError:
        per_second = burst = -1.0
    if not (0.0 <= per_second <= MOST_RATE and 1.0 <= burst <= MOST_RATE):
        raise DeclarationError(
            "is no rate", field=name,
            hint="write requests a second, and after a slash how many at once: 50 or 50/200; "
            "0 is no limit",
        )  # fmt: skip
    return Rate(per_second=per_second, at_once=burst)


def _waiting(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    digits = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_WAITING))
    if not digits or not 0 < int(text) <= MOST_WAITING:
        raise DeclarationError(
            "is no number of requests", field=name,
            hint=f"give one of 1 to {MOST_WAITING:,}, such as {default}",
        )  # fmt: skip
    return int(text)
