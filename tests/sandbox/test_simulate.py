"""A sandbox is told by its seed alone, and its folder appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import solvent.sandbox
from solvent.errors import SandboxError, WriteError
from solvent.progress import Step
from solvent.sandbox import LENDERS, simulate
from solvent.sandbox._block import BLOCK, Columns, scatter_ids
from solvent.sandbox._write import write_sandbox
from solvent.sandbox.airtime_loans import simulate_block
from tests.sandbox.folders import Folder

TABLES = tuple(LENDERS["airtime_loans"].tables)


@pytest.mark.parametrize("lender", LENDERS)
def test_the_same_seed_and_customers_give_the_same_bytes(tmp_path: Path, lender: str) -> None:
    one = simulate(lender, customers=300, seed=3, out=tmp_path / "one")
    two = simulate(lender, customers=300, seed=3, out=tmp_path / "two")
    tables = LENDERS[lender].tables
    assert [one.tables[name].sha256 for name in tables] == [
        two.tables[name].sha256 for name in tables
    ]


def test_another_seed_gives_other_customers(tmp_path: Path, folder: Folder) -> None:
    simulate("airtime_loans", customers=50, seed=8, out=tmp_path / "other")
    other = pq.read_table(tmp_path / "other" / "customers.parquet")["uuid"].to_pylist()
    assert not set(other) & set(folder.table("customers")["uuid"].to_pylist())


def test_the_first_customers_do_not_depend_on_how_many_follow(
    tmp_path: Path, folder: Folder
) -> None:
    for customers in (1, 10, BLOCK):
        simulate("airtime_loans", customers=customers, seed=7, out=tmp_path / str(customers))
        few = Folder(tmp_path / str(customers))
        names = few.table("customers")["uuid"]
        assert len(names) == customers
        loans = set(few.table("loans")["loan_id"].to_pylist())
        for name in TABLES:
            many = folder.table(name)
            if name == "truth":
                kept = many.filter(pc.is_in(many["loan_id"], pa.array(loans, pa.int64())))
            else:
                kept = many.filter(pc.is_in(many["uuid"], names.combine_chunks()))
            assert kept.equals(few.table(name)), name


@pytest.mark.parametrize("lender", LENDERS)
def test_a_block_is_the_same_whenever_it_is_simulated(lender: str) -> None:
    simulate_one = LENDERS[lender].simulate_block
    first = simulate_one(7, 2)
    simulate_one(7, 0)
    again = simulate_one(7, 2)
    assert np.array_equal(_floats(first["truth"]), _floats(again["truth"]))


@pytest.mark.parametrize("lender", LENDERS)
def test_the_files_have_the_declared_columns_and_plain_text(tmp_path: Path, lender: str) -> None:
    written = simulate(lender, customers=3, seed=1, out=tmp_path / "out")
    for name, schema in LENDERS[lender].tables.items():
        assert pq.read_schema(written.tables[name].path).equals(schema), name


def test_the_manifest_tells_what_was_written(folder: Folder) -> None:
    said = json.loads((folder.path / "sandbox.json").read_text(encoding="utf-8"))
    assert (said["lender"], said["seed"], said["customers"]) == ("airtime_loans", 7, 5000)
    assert said["period_start"] == "2024-01-01T00:00:00Z"
    assert said["observed_until"] == "2025-01-01T00:00:00Z"
    assert said["version"] == LENDERS["airtime_loans"].version
    for name in TABLES:
        path = folder.path / f"{name}.parquet"
        assert said["tables"][name]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert said["tables"][name]["rows"] == pq.read_metadata(path).num_rows


@pytest.mark.parametrize("customers", [0, -1, 50_000_001])
def test_a_number_of_customers_out_of_range_is_refused(tmp_path: Path, customers: int) -> None:
    with pytest.raises(SandboxError, match="customers") as caught:
        simulate("airtime_loans", customers=customers, seed=1, out=tmp_path / "out")
    assert caught.value.field == "customers"
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_lender_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="choose one of: airtime_loans"):
        simulate("pawnshop", customers=1, seed=1, out=tmp_path / "out")


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="seed"):
        simulate("airtime_loans", customers=1, seed=-1, out=tmp_path / "out")


def test_a_former_sandbox_is_replaced_and_nothing_else_stays_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    simulate("airtime_loans", customers=3, seed=1, out=out)
    simulate("airtime_loans", customers=2, seed=1, out=out)
    assert len(pq.read_table(out / "customers.parquet")) == 2
    assert list(out.parent.iterdir()) == [out]


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    written = simulate("airtime_loans", customers=2, seed=1, out=tmp_path)
    assert written.tables["customers"].rows == 2
    assert written.manifest.is_file()


def test_a_folder_with_anything_of_someone_elses_is_refused_untouched(tmp_path: Path) -> None:
    simulate("airtime_loans", customers=1, seed=1, out=tmp_path / "out")
    before = (tmp_path / "out" / "loans.parquet").read_bytes()
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteError, match="no sandbox wrote"):
        simulate("airtime_loans", customers=1, seed=2, out=tmp_path / "out")
    assert (tmp_path / "out" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "out" / "loans.parquet").read_bytes() == before


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteError, match="no sandbox wrote"):
        simulate("airtime_loans", customers=1, seed=2, out=tmp_path / "out")


def test_a_failure_half_way_leaves_the_former_sandbox_and_no_draft(tmp_path: Path) -> None:
    out = tmp_path / "out"
    simulate("airtime_loans", customers=1, seed=1, out=out)
    former = (out / "loans.parquet").read_bytes()
    heard = Heard()

    def fail_second(seed: int, block: int) -> Mapping[str, Columns]:
        if block:
            raise OSError("disk full")
        return simulate_block(seed, block)

    failing = replace(LENDERS["airtime_loans"], simulate_block=fail_second)
    with pytest.raises(WriteError, match="disk full"):
        write_sandbox(failing, customers=BLOCK + 1, seed=1, out=out, progress=heard)
    assert (out / "loans.parquet").read_bytes() == former
    assert list(tmp_path.iterdir()) == [out]
    assert heard.done == BLOCK


def test_progress_hears_of_every_customer(tmp_path: Path) -> None:
    heard = Heard()
    simulate("airtime_loans", customers=12, seed=1, out=tmp_path / "out", progress=heard)
    assert (heard.total, heard.done) == (12, 12)


def test_scattered_ids_stay_unique() -> None:
    serials = np.concatenate([np.arange(100_000), 2**40 + np.arange(100_000)])
    ids = scatter_ids(serials)
    assert len(np.unique(ids)) == len(serials)
    assert ids.min() >= 0


def test_all_names_what_the_room_offers() -> None:
    assert all(hasattr(solvent.sandbox, name) for name in solvent.sandbox.__all__)


class Heard:
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.total: float | None = None
        self.done = 0.0

    def step(self, label: str, total: float | None = None) -> AbstractContextManager[Step]:
        self.total = total
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> bool | None:
        return None

    def advance(self, amount: float = 1.0) -> None:
        self.done += amount


def _floats(columns: Columns) -> np.ndarray:
    values = columns["true_pd"]
    assert isinstance(values, np.ndarray)
    return values
