"""A table below a table: what its rows add up to is known for each application, and no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent import count, days, difference, last, mean, std, zscore
from solvent.dataset import _feed, build_dataset, open_data
from solvent.dataset.build import Dataset, keyed, read_applications
from solvent.dataset.gate import run_gate
from solvent.dataset.matching import match_sources
from solvent.dataset.narrowing import tables_read
from solvent.errors import DataError, DeclarationError
from solvent.features import CategoryColumn, FeatureFrame
from solvent.features.evaluate import evaluate
from tests.dataset.bank import APPLICATIONS, CONTRACTS, START, STATEMENTS, product, write_bank

NOW = START + 10**17
_ORACLE = """
WITH counted AS (
  SELECT a.application, a.asked_at, c.contract, c.opened_at, c.lent,
    count(s.contract) AS n,
    count(*) FILTER (s.state = 'late') AS late,
    count(*) FILTER (s.state = 'late' AND s.month_end >= a.asked_at - INTERVAL 1440 HOUR) AS recent
  FROM 'applications.parquet' a
  JOIN 'contracts.parquet' c ON c.client = a.client AND c.opened_at < a.asked_at
  LEFT JOIN 'statements.parquet' s ON s.contract = c.contract AND s.month_end < a.asked_at
    AND s.posted_at <= a.asked_at
  GROUP BY ALL
), told AS (
  SELECT *, opened_at >= asked_at - INTERVAL 4800 HOUR AS inside,
    row_number() OVER (PARTITION BY application ORDER BY opened_at DESC) AS place
  FROM counted
)
SELECT a.application, count(t.contract) AS contracts, avg(t.late) AS late_mean,
  max(t.recent) FILTER (t.inside) AS recent_max, avg((t.late > 1)::INT) AS late_share,
  avg(t.late / t.n) FILTER (t.place <= 2 AND t.n > 0) AS late_ratio,
  coalesce(sum(t.lent) FILTER (t.late > 0), 0) AS lent_late
FROM 'applications.parquet' a LEFT JOIN told t USING (application) GROUP BY ALL
ORDER BY a.application
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank whose clients ask more than once."""
    return write_bank(tmp_path_factory.mktemp("bank"))


def _dataset(folder: Path) -> Dataset:
    with open_data(product().plan, folder) as data:
        return build_dataset(data, seed=1, now=NOW)


def _by_application(folder: Path) -> dict[str, np.ndarray]:
    with open_data(product().plan, folder) as data:
        rows = read_applications(data, outcomes=False).sort_by("id")
        frame = data.feed().features(keyed(data, rows))
    return {c.name: c.values for c in frame if not isinstance(c, CategoryColumn)}


def test_values_equal_what_sql_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Grandchildren aggregated to children, then to the application, as a join written by hand."""
    found = _by_application(folder)
    monkeypatch.chdir(folder)
    told = duckdb.sql(_ORACLE).fetchnumpy()
    for name, values in found.items():
        expected = np.ma.filled(np.ma.asarray(told[name], np.float64), np.nan)
        np.testing.assert_allclose(values, expected, rtol=1e-12, err_msg=name)
    assert np.nanmax(found["late_mean"]) > 1.0, "a bank without late statements proves nothing"


@pytest.mark.parametrize(("at_once", "piece"), [(10**9, 9), (100, 10**6)])
def test_pieces_of_any_size_give_the_same_bits(
    folder: Path, monkeypatch: pytest.MonkeyPatch, at_once: int, piece: int
) -> None:
    """However many rows are held at once, each value has the same bits."""
    whole = _by_application(folder)
    monkeypatch.setattr(_feed, "ROWS_AT_ONCE", at_once)
    monkeypatch.setattr(_feed, "_PIECE", piece)
    for name, values in _by_application(folder).items():
        assert values.tobytes() == whole[name].tobytes(), name


def test_the_gate_rebuilds_tables_below(folder: Path) -> None:
    """The honest evaluator passes; one that reads statements of the future is caught."""
    with open_data(product().plan, folder) as data:
        dataset = build_dataset(data, seed=1, now=NOW)
        honest = run_gate(dataset, seed=1)
        assert [check.name for check in honest if not check.passed] == []
        assert "contracts.opened_at" not in {check.name for check in honest}

        def cheat(program: object, applications: object, rows: dict[str, object]) -> FeatureFrame:
            statements = rows["statements"]
            early = replace(statements, time=statements.time - 10**14)
            return evaluate(program, applications, {**rows, "statements": early})

        caught = {check.name for check in run_gate(dataset, seed=1, rebuild=cheat)
                  if not check.passed}  # fmt: skip
    assert "future rows added" in caught


def test_statements_lead_to_the_client_by_way_of_the_contract(folder: Path) -> None:
    """How many applications have a statement is told through the contracts' ids."""
    with open_data(product().plan, folder) as data:
        matches = {match.source: match for match in match_sources(data)}
    assert 0.9 < matches["statements"].share <= matches["contracts"].share


def test_without_the_table_below_the_rest_is_computed(tmp_path: Path) -> None:
    """An optional table that is absent takes away what hangs on it, and is told."""
    write_bank(tmp_path, clients=20)
    (tmp_path / "statements.parquet").unlink()
    with open_data(product(optional=True).plan, tmp_path) as data:
        assert data.absent == ("statements",)
        assert [feature.name for feature in data.plan.features] == ["contracts"]


def test_a_key_of_another_kind_is_refused() -> None:
    """Statements know no client, contracts no statement: each must be asked through the other."""
    whole = product()
    direct = count(STATEMENTS)
    with pytest.raises(DeclarationError, match="takes its keys for those of the customer"):
        replace(whole, features=[direct])
    other = replace(STATEMENTS, name="letters", parent="")
    with pytest.raises(DeclarationError, match="takes its keys for those of contracts"):
        replace(
            whole, sources=(CONTRACTS, other),
            features=[mean(CONTRACTS, CONTRACTS.of(count(other)))],
        )  # fmt: skip
    nameless = replace(CONTRACTS, id=None)
    with pytest.raises(DeclarationError, match="no id"):
        nameless.of(count(STATEMENTS))
    with pytest.raises(DeclarationError, match="a table below"):
        CONTRACTS.of("statements")  # type: ignore[arg-type]
    assert APPLICATIONS.key == CONTRACTS.key


@pytest.mark.parametrize("kept", [0, 3], ids=["none", "rare"])
def test_customers_without_a_contract_are_no_fault(tmp_path: Path, kept: int) -> None:
    """Where nobody, or hardly anybody, has a contract, values are unknown and the gate passes."""
    write_bank(tmp_path, clients=160)
    contracts = pq.read_table(tmp_path / "contracts.parquet")
    pq.write_table(contracts.slice(0, kept), tmp_path / "contracts.parquet")
    with open_data(product().plan, tmp_path) as data:
        dataset = build_dataset(data, seed=1, now=NOW)
        found = dataset.frame["late_mean"]
        assert not isinstance(found, CategoryColumn)
        assert np.isnan(found.values).mean() > 0.9
        for seed in range(3):
            assert [check.name for check in run_gate(dataset, seed=seed) if not check.passed] == []


def test_an_id_of_two_customers_is_refused(tmp_path: Path) -> None:
    """What lies below it would be told to both."""
    write_bank(tmp_path, clients=20)
    contracts = pq.read_table(tmp_path / "contracts.parquet")
    ids = np.where(np.arange(len(contracts)) == 1, 7, contracts["contract"].to_numpy())
    place = contracts.column_names.index("contract")
    pq.write_table(
        contracts.set_column(place, "contract", pa.array(ids)), tmp_path / "contracts.parquet"
    )
    with pytest.raises(DataError, match="two owners"), open_data(product().plan, tmp_path):
        pass


def test_every_table_a_feature_reads_is_found() -> None:
    """Below others, on both sides of a difference, in all parts of a z-score."""
    lent = CONTRACTS["lent"]
    plan = replace(
        product(),
        features=[mean(CONTRACTS, CONTRACTS.of(count(STATEMENTS)))],
    ).plan
    assert tables_read(plan) == {"contracts", "statements"}
    recent = difference(count(CONTRACTS), count(CONTRACTS, over=days(30)))
    assert tables_read(replace(product(), features=[recent]).plan) == {"contracts"}
    usual = zscore(last(CONTRACTS, lent), mean(CONTRACTS, lent), std(CONTRACTS, lent))
    assert tables_read(replace(product(), features=[usual]).plan) == {"contracts"}
