"""The leakage gate catches planted leaks, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent import Events, Product, Waiver, category, count, instant, integer, last
from solvent.dataset import Check, Dataset, build_dataset, open_data, require_no_leak, run_gate
from solvent.dataset.rebuild import CHANGES, Evaluate
from solvent.errors import LeakageError
from solvent.features import ApplicationRows, EntityRows, FeatureFrame, Values
from solvent.features.evaluate import evaluate
from solvent.features.program import Program
from solvent.features.rows import known_name
from tests.dataset.lender import LEFT_AT, NOW, Faults, borrowers, product, write_lender

EARLIER = "earlier.paid_at: outcome of an earlier loan"
TRIALS = {
    "future rewritten", "future rows removed", "future rows added",
    "late rows removed", "late columns rewritten",
}  # fmt: skip


@contextmanager
def _dataset(folder: Path, declared: Product) -> Iterator[Dataset]:
    with open_data(declared.plan, folder) as data:
        yield build_dataset(data, seed=0, now=NOW)


def _failed(checks: tuple[Check, ...]) -> list[str]:
    return [check.name for check in checks if not check.passed]


def _closed_on_the_right(
    program: Program, applications: ApplicationRows, rows: Mapping[str, EntityRows]
) -> FeatureFrame:
    """An evaluator whose windows count the event at the very instant of the application."""
    return evaluate(program, replace(applications, as_of=applications.as_of + 1), rows)


def _blind_to_lateness(
    program: Program, applications: ApplicationRows, rows: Mapping[str, EntityRows]
) -> FeatureFrame:
    """An evaluator that takes every row as known when it happened."""
    early = {name: replace(part, available=part.time) for name, part in rows.items()}
    return evaluate(program, applications, early)


def _blind_to_known_at(
    program: Program, applications: ApplicationRows, rows: Mapping[str, EntityRows]
) -> FeatureFrame:
    """An evaluator that takes every column as known when its row happened."""
    early = {
        name: replace(
            part,
            columns={
                **part.columns,
                **{known_name(late): Values(array=part.time) for late in program.source(name).late},
            },
        )
        for name, part in rows.items()
    }
    return evaluate(program, applications, early)


def _as_built_by(dataset: Dataset, broken: Evaluate) -> Dataset:
    """Return the dataset as the broken evaluator would have built it."""
    data = dataset.open_data
    keys = dataset.applications.keys.dictionary_encode()
    applications = ApplicationRows(
        as_of=dataset.applications.as_of, entity=keys.indices.to_numpy().astype(np.int64),
        columns=dataset.applications.columns,
    )  # fmt: skip
    feed = data.feed()
    rows = {
        source.table.name: next(piece for _, piece in feed.chunks(source, keys.dictionary))
        for source in data.program.sources
    }
    return replace(dataset, frame=broken(data.program, applications, rows))


def test_an_honest_product_passes_every_check(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, faults=Faults(tied=True, late=True))
    with _dataset(folder, product(left_at=LEFT_AT)) as dataset:
        checks = run_gate(dataset, seed=0)
    assert _failed(checks) == []
    assert {check.name for check in checks} >= TRIALS
    require_no_leak(checks)


def test_an_honest_product_passes_with_corrected_and_repeated_events(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, faults=Faults(tied=True, late=True, corrected=True))
    with _dataset(folder, product(left_at=LEFT_AT, visit_id="visit")) as dataset:
        for seed in range(3):
            assert _failed(run_gate(dataset, seed=seed)) == []


def test_an_honest_product_passes_where_a_column_waits_for_one_that_waits_itself(
    tmp_path: Path,
) -> None:
    folder = write_lender(tmp_path, faults=Faults(late=True))
    waits = {"left_at": instant(known_at="told_at"), "told_at": instant(known_at="told_at")}
    with _dataset(folder, product(visit_id="visit", **waits)) as dataset:
        assert _failed(run_gate(dataset, seed=0)) == []


def test_a_window_closed_on_the_right_is_caught(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, faults=Faults(tied=True))
    with _dataset(folder, product()) as dataset:
        leaking = _as_built_by(dataset, _closed_on_the_right)
        assert "future rewritten" in _failed(
            run_gate(leaking, seed=0, rebuild=_closed_on_the_right)
        )
        assert "future rewritten" in _failed(run_gate(leaking, seed=0))


def test_a_window_closed_on_the_right_is_caught_where_features_only_count(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, faults=Faults(tied=True))
    with _dataset(folder, product(counts_only=True)) as dataset:
        leaking = _as_built_by(dataset, _closed_on_the_right)
        for checks in (
            run_gate(leaking, seed=0),
            run_gate(leaking, seed=0, rebuild=_closed_on_the_right),
        ):
            assert {"future rows removed", "future rows added"} <= set(_failed(checks))


def test_a_window_closed_on_the_right_is_caught_before_any_data_hold_a_tie(tmp_path: Path) -> None:
    with _dataset(write_lender(tmp_path), product(counts_only=True)) as dataset:
        leaking = _as_built_by(dataset, _closed_on_the_right)
        checks = run_gate(leaking, seed=0, rebuild=_closed_on_the_right)
    assert _failed(checks) == ["future rows added"]


def test_a_column_used_before_it_was_known_is_caught_where_events_have_an_id(
    tmp_path: Path,
) -> None:
    folder = write_lender(tmp_path, faults=Faults(corrected=True))
    with _dataset(folder, product(left_at=LEFT_AT, visit_id="visit")) as dataset:
        leaking = _as_built_by(dataset, _blind_to_known_at)
        checks = run_gate(leaking, seed=0, rebuild=_blind_to_known_at)
    assert _failed(checks) == ["late columns rewritten"]


@pytest.mark.parametrize("at_once", [30, 1000])
def test_customers_with_more_rows_than_fit_are_checked_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    folder = write_lender(tmp_path, faults=Faults(tied=True, late=True, corrected=True))
    with _dataset(folder, product(left_at=LEFT_AT, visit_id="visit")) as dataset:
        leaking = _as_built_by(dataset, _closed_on_the_right)
        whole, caught = run_gate(dataset, seed=0), run_gate(leaking, seed=0)
        monkeypatch.setattr("solvent.dataset._feed.ROWS_AT_ONCE", 4 * at_once)
        monkeypatch.setattr("solvent.dataset._feed._PIECE", at_once)
        monkeypatch.setattr("solvent.dataset.rebuild.ROWS_AT_ONCE", at_once)
        monkeypatch.setattr("solvent.dataset._feed._BATCH", 50)
        assert run_gate(dataset, seed=0) == whole
        assert run_gate(leaking, seed=0) == caught
        monkeypatch.setattr("solvent.dataset._feed.ROWS_AT_ONCE", 10**6)
        assert run_gate(dataset, seed=0) == whole


@pytest.mark.parametrize("change", ["future rewritten", "late columns rewritten"])
def test_noise_keeps_repeated_rows_of_an_event_the_same(tmp_path: Path, change: str) -> None:
    with _dataset(write_lender(tmp_path), product(left_at=LEFT_AT, visit_id="visit")) as dataset:
        source = dataset.open_data.program.source("visits")
    rows = EntityRows(
        starts=np.array([0, 4]), time=np.full(4, 10), available=np.array([10, 10, 12, 12]),
        id=Values(array=np.array([0, 1, 0, 1]), levels=("a", "b")),
        columns={
            "spent": Values(array=np.array([5, 5, 5, 5])),
            "left_at": Values(array=np.full(4, 30)),
        },
    )  # fmt: skip
    as_of = np.array([10 if change == "future rewritten" else 20])
    noisy = CHANGES[change][1](source, rows, as_of, np.random.default_rng(0))
    for name in rows.columns:
        array = noisy.columns[name].array
        assert np.array_equal(array[:2], array[2:])
        assert array[0] != array[1]


def test_a_late_row_that_is_used_is_caught(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, faults=Faults(late=True))
    with _dataset(folder, product()) as dataset:
        leaking = _as_built_by(dataset, _blind_to_lateness)
        assert "late rows removed" in _failed(run_gate(leaking, seed=0, rebuild=_blind_to_lateness))


def test_a_column_known_later_than_its_row_is_caught_by_name(tmp_path: Path) -> None:
    with _dataset(write_lender(tmp_path), product(left_at=instant())) as dataset:
        checks = run_gate(dataset, seed=0)
    assert _failed(checks) == ["visits.left_at: later than the application"]
    with pytest.raises(LeakageError, match=r"visits\.left_at") as caught:
        require_no_leak(checks)
    assert "known_at" in str(caught.value)


def test_a_column_derived_from_the_target_is_caught_by_name(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, faults=Faults(told=True))
    with _dataset(folder, product(told=category())) as dataset:
        checks = run_gate(dataset, seed=0)
    assert _failed(checks) == ["status: tells the outcome"]


def test_a_number_whose_middle_value_means_default_is_caught_by_name(tmp_path: Path) -> None:
    folder = write_lender(tmp_path, faults=Faults(told=True))
    with _dataset(folder, product(told=integer())) as dataset:
        checks = run_gate(dataset, seed=0)
    assert _failed(checks) == ["state: tells the outcome"]


@pytest.mark.parametrize("files", ["loans.parquet", "l*.parquet", "copy.parquet"])
def test_an_earlier_outcome_that_does_not_say_when_it_was_known_is_caught(
    tmp_path: Path, files: str
) -> None:
    folder = write_lender(tmp_path)
    (folder / "copy.parquet").write_bytes((folder / "loans.parquet").read_bytes())
    with _dataset(folder, borrowers(instant(), files)) as dataset:
        checks = run_gate(dataset, seed=0)
    assert _failed(checks) == [EARLIER]
    with pytest.raises(LeakageError, match="known_at"):
        require_no_leak(checks)


def test_an_earlier_outcome_with_known_at_passes(tmp_path: Path) -> None:
    with _dataset(write_lender(tmp_path), borrowers(instant(known_at="paid_at"))) as dataset:
        checks = run_gate(dataset, seed=0)
    assert _failed(checks) == []
    assert EARLIER in {check.name for check in checks}


def test_an_earlier_outcome_can_be_waived_by_name(tmp_path: Path) -> None:
    waiver = Waiver(check=EARLIER, reason="Each customer has one loan here.")
    with _dataset(write_lender(tmp_path), borrowers(instant(), waivers=(waiver,))) as dataset:
        require_no_leak(run_gate(dataset, seed=0))


def test_a_failure_waived_by_name_with_a_reason_no_longer_blocks(tmp_path: Path) -> None:
    waiver = Waiver(
        check="visits.left_at: later than the application", reason="Visitors book their leaving."
    )
    declared = product(left_at=instant(), waivers=(waiver,))
    with _dataset(write_lender(tmp_path), declared) as dataset:
        checks = run_gate(dataset, seed=0)
    assert _failed(checks) == [waiver.check]
    assert [check.waived for check in checks if not check.passed] == [waiver.reason]
    require_no_leak(checks)


@pytest.mark.parametrize(
    ("name", "told"),
    [("visits.left_at: too late", "no check of this name"), ("future rewritten", "passed")],
)
def test_a_waiver_that_waives_nothing_is_told(tmp_path: Path, name: str, told: str) -> None:
    waivers = (Waiver(check=name, reason="Visitors book their leaving."),)
    with _dataset(write_lender(tmp_path), product(waivers=waivers)) as dataset:
        checks = run_gate(dataset, seed=0)
    (unused,) = (check for check in checks if check.name.startswith("unused waiver"))
    assert unused.name == f"unused waiver: {name}"
    assert told in unused.words
    assert unused.passed
    require_no_leak(checks)


def test_a_waiver_that_waives_a_failure_is_not_told_as_unused(tmp_path: Path) -> None:
    name = "visits.left_at: later than the application"
    waivers = (Waiver(check=name, reason="Visitors book their leaving."),)
    declared = product(left_at=instant(), waivers=waivers)
    with _dataset(write_lender(tmp_path), declared) as dataset:
        names = [check.name for check in run_gate(dataset, seed=0)]
    assert name in names
    assert not [one for one in names if one.startswith("unused waiver")]


def test_a_waiver_without_a_reason_is_refused() -> None:
    with pytest.raises(Exception, match="gives no reason"):
        Waiver(check="x", reason="because")


def test_a_category_without_a_single_level_does_not_trouble_the_gate(tmp_path: Path) -> None:
    folder = write_lender(tmp_path)
    visits = pq.read_table(folder / "visits.parquet")
    nothing = pa.nulls(len(visits), pa.string())
    pq.write_table(visits.append_column("kind", nothing), folder / "visits.parquet")
    source = Events(
        name="visits", files="visits.parquet", key="customer", at="at", available="known",
        zone="UTC", columns={"kind": category()},
    )  # fmt: skip
    features = [count(source, where=source["kind"] == "x"), last(source, source["kind"])]
    declared = replace(product(), sources=(source,), features=features)
    with _dataset(folder, declared) as dataset:
        assert _failed(run_gate(dataset, seed=0)) == []
