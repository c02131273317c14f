"""A source read from end to end gives the rows that a join gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.dataset import Plan, _scan, open_data
from solvent.dataset._feed import Feed, KeyedApplications
from solvent.features import (
    Applications,
    CategoryColumn,
    Events,
    FeatureFrame,
    active_days,
    category,
    count,
    days,
    distinct,
    instant,
    integer,
    last,
    number,
    sessions,
    share,
    std,
    total,
)
from solvent.features.windows import minutes

CUSTOMERS, ROWS = 40, 900
DAY_MS = 86_400_000


def _plan(*, with_id: bool, delayed: bool) -> Plan:
    log = Events(
        name="log", files="log.parquet", key="user", at="at", zone="UTC",
        id="number" if with_id else None, available="known" if delayed else None,
        columns={
            "cents": integer(), "weight": number(), "label": category(),
            "closed": instant(), "kind": category(known_at="closed"),
        },
    )  # fmt: skip
    over = days(20)
    features = (
        count(log), total(log, log["cents"], over=over), std(log, log["weight"], over=over),
        distinct(log, log["label"]), last(log, log["label"]), last(log, log["kind"]),
        share(log, log["label"] == "b", over=over), active_days(log, zone="UTC"),
        sessions(log, gap=minutes(90), over=over),
    )  # fmt: skip
    return Plan(
        product="scanned",
        applications=Applications(
            name="asked", files="asked.parquet", key="user", id="asked", as_of="as_of", zone="UTC"
        ),
        bad=None, sources=(log,), features=features,
    )  # fmt: skip


def _write(folder: Path, *, ordered: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    user = rng.integers(100, 100 + CUSTOMERS, ROWS)
    # few instants, so that rows tie with each other and with applications
    at = rng.integers(0, 40, ROWS) * DAY_MS + rng.integers(0, 4, ROWS) * 3_000_000
    if ordered:
        order = np.lexsort((at, user))
        user, at = user[order], at[order]
    labels = np.array(["a", "b", " c ", "it's", "ü", "  "], dtype=object)
    table: dict[str, Any] = {
        "user": pa.array(user, mask=rng.random(ROWS) < 0.02),
        "number": pa.array(rng.integers(0, ROWS // 2, ROWS), mask=rng.random(ROWS) < 0.05),
        "at": _times(at, rng.random(ROWS) < 0.02),
        "known": _times(at + rng.integers(0, 3, ROWS) * DAY_MS, rng.random(ROWS) < 0.0),
        "cents": pa.array(
            np.where(rng.random(ROWS) < 0.02, 2**50, rng.integers(-500, 500, ROWS)),
            mask=rng.random(ROWS) < 0.1,
        ),
        "weight": pa.array(rng.normal(size=ROWS), mask=rng.random(ROWS) < 0.1),
        "label": pa.array(labels[rng.integers(0, len(labels), ROWS)], mask=rng.random(ROWS) < 0.1),
        "closed": _times(at + rng.integers(0, 30, ROWS) * DAY_MS, rng.random(ROWS) < 0.3),
        "kind": pa.array(labels[rng.integers(0, 2, ROWS)]),
    }
    pq.write_table(pa.table(table), folder / "log.parquet", row_group_size=200)
    asked = {"user": [100], "asked": [0], "as_of": _times(np.array([0]), np.array([False]))}
    pq.write_table(pa.table(asked), folder / "asked.parquet")


def _times(at: np.ndarray[Any, Any], null: np.ndarray[Any, Any]) -> pa.Array[Any]:
    return pa.array(at, pa.timestamp("ms", "UTC"), mask=null)


def _asked(seed: int) -> KeyedApplications:
    rng = np.random.default_rng(seed + 1)
    keys = rng.integers(95, 105 + CUSTOMERS, 70)
    return KeyedApplications(
        keys=pa.array(keys), as_of=rng.integers(0, 45, 70) * DAY_MS * 1000, columns={}
    )


def _bits(frame: FeatureFrame) -> list[list[object]]:
    return [
        [None if c < 0 else column.levels[c] for c in column.codes]
        if isinstance(column, CategoryColumn)
        else column.values.view(np.int64).tolist()
        for column in frame
    ]


def _features(feed: Feed, seed: int) -> list[list[object]]:
    return _bits(feed.features(_asked(seed)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("with_id", [False, True])
def test_a_scan_and_a_join_give_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, with_id: bool
) -> None:
    """Whatever is null, refused, late, corrected, tied, out of order or asked by nobody."""
    _write(tmp_path, ordered=seed % 2 == 0, seed=seed)
    with open_data(_plan(with_id=with_id, delayed=seed % 3 == 0), tmp_path) as data:
        with monkeypatch.context() as patched:
            patched.setattr(_scan, "_ROWS_PER_KEY", 0)
            joined = _features(data.feed(), seed)
        assert _features(data.feed(), seed) == joined
        with monkeypatch.context() as patched:
            patched.setattr(_scan, "_BATCH", 2048)
            patched.setattr("solvent.dataset._feed._PIECE", 1)
            assert _features(data.feed(), seed) == joined


def test_a_scan_is_what_happens_where_most_rows_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the law above would compare a join with itself."""
    _write(tmp_path, ordered=True, seed=0)
    read: list[object] = []
    pieces = _scan.pieces
    monkeypatch.setattr(
        "solvent.dataset._feed.pieces", lambda *a, **k: read.append(a) or pieces(*a, **k)
    )
    with open_data(_plan(with_id=False, delayed=False), tmp_path) as data:
        _features(data.feed(), 0)
        assert len(read) == 1
        monkeypatch.setattr(_scan, "_ROWS_PER_KEY", 0)
        _features(data.feed(), 0)
        assert len(read) == 1


def test_a_label_not_among_those_looked_at_first_is_a_label_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, ordered=True, seed=3)
    with open_data(_plan(with_id=False, delayed=False), tmp_path) as data:
        whole = _features(data.feed(), 3)
        monkeypatch.setattr(_scan, "_LOOKED_AT", 1)
        assert _features(data.feed(), 3) == whole


def test_a_column_of_very_many_labels_is_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, ordered=True, seed=4)
    with open_data(_plan(with_id=False, delayed=False), tmp_path) as data:
        whole = _features(data.feed(), 4)
        monkeypatch.setattr(_scan, "MOST_LEVELS", 2)
        assert _features(data.feed(), 4) == whole


def test_keys_far_apart_are_joined(tmp_path: Path) -> None:
    """A table from key to customer would not fit in memory."""
    keys = pa.array([1, 2**62, None], pa.int64())
    assert not _scan._dense(keys)
    assert _scan._dense(pa.array([5, None, 900], pa.int64()))
