"""From files to a dataset: nothing lost, nothing immature called good."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent import Applications, Events, date, equals, last, money, own, share, unpaid
from solvent.dataset import Dataset, Plan, build_dataset, open_data
from solvent.dataset.build import keyed, read_applications
from solvent.errors import DataError, DeclarationError, OneClassError
from solvent.features import DAY, NumberColumn
from tests.dataset.lender import NOW, Faults, product, write_lender


def _build(folder: Path, **settings: object) -> Dataset:
    with open_data(product(**settings).plan, folder) as data:
        return build_dataset(data, seed=0, now=NOW)


def _stages(dataset: Dataset) -> dict[str, int]:
    return {stage.label: stage.rows for stage in dataset.funnel}


def test_the_funnel_only_narrows_and_every_loss_is_told(tmp_path: Path) -> None:
    dataset = _build(write_lender(tmp_path), observed_until="2023-12-31T00:00:00")
    stages = dataset.funnel
    *narrowing, train, test = [stage.rows for stage in stages]
    assert narrowing == sorted(narrowing, reverse=True)
    assert narrowing[0] == 400
    assert train + test == narrowing[-1] == dataset.split.train.sum() + dataset.split.test.sum()
    for before, after in pairwise(stages[:5]):
        assert (before.rows == after.rows) == (after.note == "")
        assert after.note.startswith(f"{before.rows - after.rows:,} ") or not after.note
    assert dataset.immature == 400 - _stages(dataset)["Outcome mature"] > 0


def test_unpaid_loans_are_watched_until_the_latest_time_of_the_loans_themselves(
    tmp_path: Path,
) -> None:
    folder = write_lender(tmp_path)
    dataset = _build(folder, observed_until=None)
    loans = pq.read_table(folder / "loans.parquet")
    times = [loans["created_at"].to_numpy(), loans["paid_at"].drop_null().to_numpy()]
    latest = max(int(part.astype("datetime64[us]").astype(np.int64).max()) for part in times)
    assert dataset.observed_until == latest


def test_a_log_fresher_than_the_loans_matures_nobody(tmp_path: Path) -> None:
    folder = write_lender(tmp_path)
    before = _build(folder, observed_until=None)
    visits = pq.read_table(folder / "visits.parquet")
    late = visits.slice(0, 1).set_column(1, "at", pa.array([NOW - DAY], pa.timestamp("us")))
    late = late.set_column(2, "known", pa.array([NOW - DAY], pa.timestamp("us")))
    pq.write_table(pa.concat_tables([visits, late]), folder / "visits.parquet")
    after = _build(folder, observed_until=None)
    assert (after.observed_until, after.immature) == (before.observed_until, before.immature)


def test_a_spelling_of_nothing_among_outcomes_is_refused_unless_declared(tmp_path: Path) -> None:
    folder = write_lender(tmp_path)
    loans = pq.read_table(folder / "loans.parquet")
    flags = pa.array(["NA", "bad", "good", "good"] * (len(loans) // 4))
    pq.write_table(loans.append_column("flag", flags), folder / "loans.parquet")
    with pytest.raises(DataError, match="missing="):
        _build(folder, bad=equals("flag", "bad", matured="given"))
    dataset = _build(folder, bad=equals("flag", "bad", matured="given", missing=("NA",)))
    assert _stages(dataset)["Applications read"] - len(dataset.bad) == 100


def test_a_loan_due_on_a_day_may_be_paid_until_its_end(tmp_path: Path) -> None:
    rows = ["loan,customer,created_at,due,paid"]
    for n in range(8):
        hour = "15:00:00" if n % 2 else "00:00:00"
        day = "2024-01-31" if n % 2 else "2024-02-01"
        rows.append(f"{n},c{n},2024-01-{n + 1:02d}T00:00:00,2024-01-31,{day}T{hour}.000001")
    (tmp_path / "loans.csv").write_text("\n".join(rows) + "\n")
    loans = Applications(
        name="loans", files="loans.csv", id="loan", key="customer", as_of="created_at", zone="UTC"
    )
    plan = Plan(
        product="p", applications=loans, features=(own(loans, loans.time.hour("UTC")),),
        bad=unpaid("paid", due="due", after=0), observed_until="2024-06-01T00:00:00+00:00",
        test_share=0.5,
    )  # fmt: skip
    with open_data(plan, tmp_path) as data:
        dataset = build_dataset(data, seed=0, now=NOW)
    assert dataset.bad.tolist() == [n % 2 == 0 for n in range(8)]


def test_a_declared_end_of_observation_decides_who_is_mature(tmp_path: Path) -> None:
    dataset = _build(write_lender(tmp_path), observed_until="2023-12-31T00:00:00")
    end = round(datetime(2023, 12, 31, tzinfo=UTC).timestamp()) * 1_000_000
    assert dataset.applications.as_of.max() <= end - 30 * DAY


def test_features_equal_a_count_by_hand(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, faults=Faults(tied=True, late=True))
    dataset = _build(folder)
    loans, visits = (
        pq.read_table(folder / "loans.parquet"),
        pq.read_table(folder / "visits.parquet"),
    )
    created = dict(
        zip(loans["customer"].to_pylist(), loans["created_at"].to_numpy().astype(int), strict=True)
    )
    rows = list(
        zip(
            visits["customer"].to_pylist(), visits["at"].to_numpy().astype(int),
            visits["known"].to_numpy().astype(int), strict=True,
        )
    )  # fmt: skip
    column = dataset.frame["visits_count_30d"]
    assert isinstance(column, NumberColumn)
    for key, value in list(zip(dataset.applications.keys.to_pylist(), column.values, strict=True))[
        :40
    ]:
        at = created[key]
        by_hand = sum(
            1 for who, when, known in rows
            if who == key and at - 30 * DAY <= when < at and known <= at
        )  # fmt: skip
        assert value == by_hand


def test_all_outcomes_equal_are_refused_with_the_definition(tmp_path: Path) -> None:
    with pytest.raises(OneClassError, match="sort is fax"):
        _build(write_lender(tmp_path), bad=equals("sort", "fax", matured="given"))


def test_a_feature_that_reads_the_outcome_is_refused_at_load() -> None:
    with pytest.raises(DeclarationError, match="outcome column 'channel'"):
        product(bad=equals("channel", "app", matured="given"))


def test_a_bare_day_a_column_waits_for_is_known_from_its_end(tmp_path: Path) -> None:
    (tmp_path / "loans.csv").write_text(
        "loan,customer,created_at\n1,a,2024-01-10T12:00:00\n2,b,2024-01-11T00:00:00\n"
    )
    (tmp_path / "old.csv").write_text(
        "customer,start,closed,amount\na,2024-01-01,2024-01-10,5\nb,2024-01-01,2024-01-10,7\n"
    )
    loans = Applications(
        name="loans", files="loans.csv", id="loan", key="customer", as_of="created_at", zone="UTC"
    )
    columns = {"closed": date(known_at="closed"), "amount": money(known_at="closed")}
    old = Events(
        name="old", files="old.csv", key="customer", at="start", zone="UTC", columns=columns
    )
    features = (last(old, old["amount"]), share(old, old["closed"].is_missing()))
    plan = Plan(product="p", applications=loans, sources=(old,), features=features)
    with open_data(plan, tmp_path) as data:
        frame = data.feed().features(keyed(data, read_applications(data, outcomes=False)))
    amounts, still_open = (column.values.tolist() for column in frame.columns)
    assert np.isnan(amounts[0])
    assert amounts[1] == 7.0
    assert still_open == [1.0, 0.0]
