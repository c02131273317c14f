"""The feed gives the same features however many rows it may hold and however many customers ask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from solvent.dataset import OpenData, _feed, open_data
from solvent.dataset.build import keyed, read_applications
from solvent.features import CategoryColumn, FeatureFrame
from tests.dataset.lender import LEFT_AT, Faults, product, write_lender


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lender with ties and late rows."""
    return write_lender(tmp_path, customers=60, faults=Faults(tied=True, late=True))


def _features(data: OpenData, rows: pa.Table) -> FeatureFrame:
    return data.feed().features(keyed(data, rows))


def _bits(frame: FeatureFrame) -> list[list[object]]:
    told: list[list[object]] = []
    for column in frame:
        if isinstance(column, CategoryColumn):
            told.append([None if c < 0 else column.levels[c] for c in column.codes])
        else:
            told.append(column.values.view(np.int64).tolist())
    return told


@pytest.mark.parametrize(("at_once", "piece"), [(10**9, 1), (10**9, 7), (50, 10**6), (1, 1)])
def test_pieces_of_any_size_give_the_same_bits(
    folder: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, piece: int
) -> None:
    with open_data(product(left_at=LEFT_AT).plan, folder) as data:
        rows = read_applications(data, outcomes=False)
        whole = _bits(_features(data, rows))
        monkeypatch.setattr(_feed, "ROWS_AT_ONCE", at_once)
        monkeypatch.setattr(_feed, "_PIECE", piece)
        assert _bits(_features(data, rows)) == whole


def test_an_application_alone_or_in_any_company_has_the_same_bits(folder: Path) -> None:
    with open_data(product(left_at=LEFT_AT).plan, folder) as data:
        rows = read_applications(data, outcomes=False)
        together = _bits(_features(data, rows))
        order = np.random.default_rng(1).permutation(rows.num_rows)
        shuffled = _bits(_features(data, rows.take(pa.array(order))))
        for place in (0, 17, 59):
            alone = _bits(_features(data, rows.slice(place, 1)))
            for column, told in enumerate(together):
                assert alone[column] == [told[place]]
                assert shuffled[column][int(np.flatnonzero(order == place)[0])] == told[place]


def test_keys_written_differently_in_two_tables_do_not_meet(folder: Path) -> None:
    with open_data(product().plan, folder) as data:
        rows = read_applications(data, outcomes=False)
        padded = [f" {key}" for key in rows["key"].to_pylist()]
        rows = rows.set_column(rows.column_names.index("key"), "key", pa.array(padded))
        counts = _features(data, rows)["visits_count"]
        assert not isinstance(counts, CategoryColumn)
        assert counts.values.sum() == 0
