"""The simulated book every speed promise is measured on: payments, customers, applications.

Seeded. Activity is lognormal, a tenth of the customers never pay for anything, one application in
a hundred ties with an event to the millisecond. The same rows are written twice, by customer and
time and in random order, because a feature store may not trust the order of a file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.folder import bench_folder

IntArray = NDArray[np.int64]

SEED = 20_261_101
DAY_MS = 86_400_000
START_MS = 1_735_689_600_000
"""2025-01-01T00:00:00Z."""
SPAN_DAYS = 366
CATEGORIES = (
    "fuel", "gambling", "grocery", "other", "salary", "transfer", "travel", "utilities",
)  # fmt: skip
MERCHANTS = 20_000
SORTED, SHUFFLED = "events_sorted.parquet", "events_shuffled.parquet"
APPLICATIONS = "applications.parquet"
_DONE = "complete"
_ROW_GROUP = 250_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is simulated.

    Args:
        events: Payments in the log.
        users: Customers.
        applications: Applications for credit.
    """

    events: int
    users: int
    applications: int

    @property
    def slug(self) -> str:
        """Name of the folder the book lies in."""
        return f"book_{self.events}_{self.users}_{self.applications}"


FULL = Size(events=20_000_000, users=500_000, applications=200_000)
COPIES = 5
"""Copies of the full book in the largest one: 100M payments, 1M applications."""
SMALL = Size(events=400_000, users=10_000, applications=8_000)


def book(size: Size) -> Path:
    """Return the folder of a book, simulating it once."""
    return _once(size.slug, lambda folder: _simulate(size, folder))


def first_applications(size: Size, count: int) -> Path:
    """Return a book of the first applications and all payments of their customers."""
    whole = book(size)

    def write(folder: Path) -> None:
        asked = pq.read_table(whole / APPLICATIONS, filters=[("application_id", "<", count)])
        pq.write_table(asked, folder / APPLICATIONS, compression="zstd")
        users = asked["user_id"].combine_chunks().unique()
        payments = pq.read_table(whole / SORTED, filters=pc.field("user_id").isin(users))
        _write(folder / SORTED, payments.take, np.arange(len(payments)))

    return _once(f"{size.slug}_first_{count}", write)


def thinned(size: Size, share: int) -> Path:
    """Return a book of all applications and one payment in `share`."""
    whole = book(size)

    def write(folder: Path) -> None:
        shutil.copyfile(whole / APPLICATIONS, folder / APPLICATIONS)
        payments = pq.read_table(whole / SORTED)
        kept = np.random.default_rng(SEED).random(len(payments)) < 1.0 / share
        _write(folder / SORTED, payments.take, np.flatnonzero(kept))

    return _once(f"{size.slug}_thinned_{share}", write)


def shifted_copies(size: Size, copies: int) -> Path:
    """Return a book that holds another one several times, each time of other customers.

    The second order is that of the shuffled file, copy after copy.
    """
    whole = book(size)

    def write(folder: Path) -> None:
        asked = pq.read_table(whole / APPLICATIONS)
        shifts = [_shift(asked, number, size) for number in range(copies)]
        pq.write_table(pa.concat_tables(shifts), folder / APPLICATIONS, compression="zstd")
        for name in (SORTED, SHUFFLED):
            source = pq.ParquetFile(whole / name)
            with pq.ParquetWriter(folder / name, source.schema_arrow, compression="zstd") as out:
                for number in range(copies):
                    for group in range(source.num_row_groups):
                        out.write_table(_shift(source.read_row_group(group), number, size))

    return _once(f"{size.slug}_times_{copies}", write)


def _shift(table: pa.Table, number: int, size: Size) -> pa.Table:
    """Return a table with the keys and ids of copy `number`."""
    for name, step in (("user_id", size.users), ("application_id", size.applications)):
        if name in table.column_names:
            at = table.column_names.index(name)
            table = table.set_column(at, name, pc.add(table[name], number * step))
    return table


def _once(name: str, write: Callable[[Path], None]) -> Path:
    folder = bench_folder() / name
    if not (folder / _DONE).exists():
        folder.mkdir(parents=True, exist_ok=True)
        write(folder)
        (folder / _DONE).touch()
    return folder


def warm(*paths: Path) -> None:
    """Read files once, so that no piece pays for the disk."""
    for path in paths:
        with path.open("rb") as stream:
            while stream.read(1 << 24):
                pass


def _simulate(size: Size, folder: Path) -> None:
    rng = np.random.default_rng(SEED)
    activity = rng.lognormal(0.0, 1.2, size.users)
    activity[rng.random(size.users) < 0.1] = 0.0
    activity /= activity.sum()
    counts = rng.multinomial(size.events, activity)
    user = np.repeat(np.arange(size.users, dtype=np.int64), counts)
    time = START_MS + (rng.random(size.events) * SPAN_DAYS * DAY_MS).astype(np.int64)
    order = np.lexsort((time, user))
    user, time = user[order], time[order]
    amount = np.minimum(rng.lognormal(8.0, 1.1, size.events), 5e7).astype(np.int64) + 1
    category: NDArray[np.int8] = rng.choice(
        len(CATEGORIES), size.events, p=_shares(len(CATEGORIES))
    ).astype(np.int8)
    merchant = _merchants(rng, size.events)
    _write_applications(size, folder, rng, (activity, counts, time))

    def rows(at: IntArray) -> pa.Table:
        level = pa.DictionaryArray.from_arrays(category[at], pa.array(CATEGORIES))
        return pa.table(
            {
                "user_id": user[at],
                "event_time": pa.array(time[at], pa.timestamp("ms", "UTC")),
                "amount_cents": amount[at],
                "category": level.cast(pa.string()),
                "merchant_id": merchant[at],
            }
        )

    _write(folder / SORTED, rows, np.arange(size.events))
    _write(folder / SHUFFLED, rows, rng.permutation(size.events))


def _shares(count: int) -> NDArray[np.float64]:
    weights = 1.0 / np.arange(1, count + 1)
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _merchants(rng: np.random.Generator, count: int) -> IntArray:
    """Return merchant ids: a few large ones, a long tail."""
    return (MERCHANTS * rng.random(count) ** 3).astype(np.int64)


def _write_applications(
    size: Size,
    folder: Path,
    rng: np.random.Generator,
    world: tuple[NDArray[np.float64], IntArray, IntArray],
) -> None:
    activity, counts, time = world
    n = size.applications
    user = np.concatenate(
        [rng.integers(0, size.users, n // 2), rng.choice(size.users, n - n // 2, p=activity)]
    )
    at = START_MS + ((90 + rng.random(n) * (SPAN_DAYS - 90)) * DAY_MS).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(counts)])
    for i in rng.choice(n, n // 100, replace=False):
        events = counts[user[i]]
        if events:
            at[i] = time[starts[user[i]] + rng.integers(events)]
    shuffled = rng.permutation(n)
    table = pa.table(
        {
            "application_id": np.arange(n, dtype=np.int64),
            "user_id": user[shuffled],
            "applied_at": pa.array(at[shuffled], pa.timestamp("ms", "UTC")),
            "bad": (rng.random(n) < 0.1).astype(np.int64),
        }
    )
    pq.write_table(table, folder / APPLICATIONS, compression="zstd")


def _write(path: Path, rows: Callable[[IntArray], pa.Table], order: IntArray) -> None:
    writer: pq.ParquetWriter | None = None
    for first in range(0, len(order), 4 * _ROW_GROUP):
        table = rows(order[first : first + 4 * _ROW_GROUP])
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=_ROW_GROUP)
    if writer is not None:
        writer.close()
