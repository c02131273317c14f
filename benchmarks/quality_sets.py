"""The seven real portfolios: features by the product's own way, folds, one Parquet for each.

Folds are by hash of the application's id; airtime_loans is split by time (its later half in five
steps, each learnt from everything before). The other two with times, sf_scoring and superlender,
span four months and one: folds by hash, as the figures of others on them are. Whatever a product
declares protected is given to nobody, ours or peer.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.folder import bench_folder
from solvent import Applications, Product, behaviour, category, equals, flag, integer, money, number
from solvent.dataset import Dataset, Plan, build_dataset, open_data
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn, Own
from solvent.features.aggregates import tables_of
from solvent.product import load_product

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FOLDS = 5
SEED = 7
ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
OWN_COLUMNS = ("__id", "__bad", "__fold", "__group")
"""Columns of a set's Parquet that are no features."""
BY_HASH, BY_TIME = "hash", "time"
JUDGED = "judged"
"""Salt of the folds that the tables are of. Defaults are chosen on folds of other salts: those of
`fold` were looked at while the card's were."""
FIRST = -1
"""Fold of what is only ever learnt from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One real portfolio.

    Args:
        name: Its name in the tables.
        folder: Its folder in the data.
        plan: Makes what is read and which features are made.
        split: `hash` or `time`.
        numbered: File that has no id, and is given one: the row's number.
    """

    name: str
    folder: str
    plan: Callable[[], Plan]
    split: str = BY_HASH
    numbered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySet:
    """A portfolio as every learner is given it.

    Args:
        name: Its name.
        path: Its Parquet.
        digest: Of that file.
        split: `hash` or `time`.
        bad: True where the loan went bad, shape (n,).
        fold: The fold a row is tested in, shape (n,); -1 for none.
        group: Customer number of each row, shape (n,).
        frame: The features, n rows.
    """

    name: str
    path: Path
    digest: str
    split: str
    bad: BoolArray
    fold: IntArray
    group: IntArray
    frame: FeatureFrame

    @property
    def tested(self) -> BoolArray:
        """True where a row is tested in some fold, shape (n,)."""
        return np.asarray(self.fold != FIRST)


def data_folder() -> Path:
    """Return the folder of real data: SOLVENT_REAL_DATA, else beside the repository."""
    return Path(os.environ.get("SOLVENT_REAL_DATA", ROOT.parent / "shared" / "data"))


def read_dataset(plan: Plan, folder: Path) -> Dataset:
    with open_data(plan, folder) as data:
        return build_dataset(data, seed=SEED, now=time.time_ns() // 1_000)


def folds_of(ids: pa.Array[Any], *, salt: str = JUDGED, folds: int = FOLDS) -> IntArray:
    """Return each application's fold by hash of its id, shape (n,)."""
    return np.array(
        [
            int.from_bytes(hashlib.sha256(f"{salt}:{one}".encode()).digest()[:8]) % folds
            for one in ids.to_pylist()
        ]
    )


def later_half(as_of: IntArray) -> IntArray:
    """Return folds by time: the earlier half in none, the later half in five steps, shape (n,)."""
    edges = np.quantile(as_of, 0.5 + 0.5 * np.arange(FOLDS) / FOLDS)
    return np.searchsorted(edges, as_of, side="right") - 1


def learnt_from(fold: IntArray, number: int, split: str) -> BoolArray:
    """Return the rows a fold's model learns from: all others, or all before, shape (n,)."""
    return np.asarray(fold < number if split == BY_TIME else fold != number)


def quality_set(task: Task) -> QualitySet | None:
    """Build a portfolio's features and write them; None where the data are not here."""
    folder = data_folder() / task.folder
    if not folder.is_dir():
        return None
    if task.numbered:
        folder = _numbered(folder / task.numbered)
    dataset = read_dataset(task.plan(), folder)
    names = [feature.name for feature in dataset.open_data.plan.model_features]
    as_of = np.asarray(dataset.applications.as_of)
    fold = later_half(as_of) if task.split == BY_TIME else folds_of(dataset.ids)
    return _written(task, dataset, dataset.frame.select(names), fold)


def _written(task: Task, dataset: Dataset, frame: FeatureFrame, fold: IntArray) -> QualitySet:
    own = {
        "__id": pa.array([str(one) for one in dataset.ids.to_pylist()]),
        "__bad": pa.array(dataset.bad), "__fold": pa.array(fold),
        "__group": pa.array(dataset.customer),
    }  # fmt: skip
    table = pa.table({**own, **{column.name: _values(column) for column in frame}})
    path = bench_folder() / "quality" / task.name / "set.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    pq.write_table(table.replace_schema_metadata({"split": task.split}), fresh, compression="zstd")
    fresh.replace(path)
    return read_set(task.name, path)


def read_set(name: str, path: Path) -> QualitySet:
    """Read a portfolio as it was written."""
    table = pq.read_table(path)
    columns = [_column(n, table[n].combine_chunks()) for n in table.column_names]
    return QualitySet(
        name=name, path=path, digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        split=(table.schema.metadata or {})[b"split"].decode(),
        bad=table["__bad"].to_numpy(), fold=table["__fold"].to_numpy(),
        group=table["__group"].to_numpy(),
        frame=FeatureFrame(
            rows=table.num_rows,
            columns=tuple(column for column in columns if column is not None),
        ),
    )  # fmt: skip


def _values(column: NumberColumn | CategoryColumn) -> pa.Array[Any]:
    if isinstance(column, NumberColumn):
        return pa.array(column.values)
    codes: pa.Array[Any] = pa.array(column.codes, mask=column.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(column.levels), pa.string()))


def _column(name: str, values: pa.Array[Any]) -> NumberColumn | CategoryColumn | None:
    if name in OWN_COLUMNS:
        return None
    if not isinstance(values, pa.DictionaryArray):
        return NumberColumn(name=name, values=values.to_numpy(zero_copy_only=False))
    codes = values.indices.fill_null(-1).to_numpy().astype(np.int32)
    return CategoryColumn(
        name=name, codes=codes, levels=tuple(map(str, values.dictionary.to_pylist()))
    )


def _numbered(file: Path) -> Path:
    """Return a folder with a copy of the file whose rows have numbers."""
    table = pq.read_table(file)
    path = bench_folder() / "quality" / "numbered" / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.append_column("row", pa.array(np.arange(table.num_rows))), path)
    return path.parent


def _example(name: str) -> Plan:
    return load_product(EXAMPLES / name).product.plan


def _home_credit() -> Plan:
    """The application table alone: the example without its child tables."""
    plan = _example("home_credit")
    own = tuple(feature for feature in plan.features if not tables_of(feature))
    return replace(plan, features=own, sources=())


def _superlender() -> Plan:
    """The application and earlier loans as they were known then."""
    plan = _example("repeat_loans")
    kept = tuple(f for f in plan.features if isinstance(f, Own) or "earlier_loans" in tables_of(f))
    return replace(plan, features=kept)


def _sf_scoring() -> Plan:
    """All of the form and of what the bank knew: the example asks for six fields only."""
    forms = Applications(
        name="forms", files="applications.parquet", id="client_id", key="client_id",
        as_of="app_date", zone="Europe/Moscow",
        columns={
            **{name: category() for name in ("education", "sex", "home_address", "work_address")},
            **{name: flag(true=("Y",)) for name in ("car", "car_type", "foreign_passport")},
            "age": integer("years"), "decline_app_cnt": integer(), "good_work": flag(),
            "score_bki": number(), "bki_request_cnt": integer(), "region_rating": integer(),
            "income": money("RUB"), "sna": integer(), "first_time": integer(),
        },
    )  # fmt: skip
    return Product(
        name="sf_scoring", applications=forms, features=[behaviour(forms)],
        bad=equals("default", 1, matured="given"), protected=("sex",),
    ).plan  # fmt: skip


def _taiwan() -> Plan:
    months = ("0", "2", "3", "4", "5", "6")
    clients = Applications(
        name="clients", files="default.parquet", id="ID", key="ID",
        columns={
            "LIMIT_BAL": money("TWD"),
            **{name: category() for name in ("SEX", "EDUCATION", "MARRIAGE")},
            "AGE": number("years"),
            **{f"PAY_{month}": number("months") for month in months},
            **{f"BILL_AMT{k}": money("TWD") for k in range(1, 7)},
            **{f"PAY_AMT{k}": money("TWD") for k in range(1, 7)},
        },
    )  # fmt: skip
    return Product(
        name="taiwan", applications=clients, features=[behaviour(clients)],
        bad=equals("default.payment.next.month", "1", matured="given"), protected=("SEX",),
    ).plan  # fmt: skip


def _german() -> Plan:
    numbers = ("A2", "A5", "A8", "A11", "A13", "A16", "A18")
    loans = Applications(
        name="loans", files="german.parquet", id="row", key="row",
        columns={
            f"A{k}": number() if f"A{k}" in numbers else category() for k in range(1, 21)
        },
    )  # fmt: skip
    return Product(
        name="german", applications=loans, features=[behaviour(loans)],
        bad=equals("target", "2", matured="given"),
        protected=("A9",),  # family status and sex in one
    ).plan  # fmt: skip


TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task(name="german", folder="german", plan=_german, numbered="german.parquet"),
        Task(name="superlender", folder="superlender", plan=_superlender),
        Task(
            name="airtime_loans", folder="airtime_loans", plan=lambda: _example("airtime_loans"),
            split=BY_TIME,
        ),
        Task(name="taiwan", folder="taiwan", plan=_taiwan),
        Task(name="sf_scoring", folder="sf_scoring", plan=_sf_scoring),
        Task(name="pakdd2010", folder="pakdd2010", plan=lambda: _example("card_portfolio")),
        Task(name="home_credit", folder="home_credit", plan=_home_credit),
    )
}  # fmt: skip
"""Smallest first."""
