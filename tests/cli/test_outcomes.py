"""A simulated lender, decided by solvent, told by its own truth: predicted and realised agree."""

from __future__ import annotations

import csv
import random
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from typer.testing import CliRunner

from solvent.app.bootstrap import open_service
from solvent.app.decisions import DecisionRequest, decide
from solvent.app.intake import RawApplication
from solvent.app.realised import BandedBy, Wish, realised_json
from solvent.app.settings import Settings
from solvent.cli.main import app

ROOT = Path(__file__).parents[2]
PRODUCT = "airtime_loans"
DECIDED = 400
WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A lender with decisions.

    Args:
        home: Its SOLVENT_HOME.
        data: Its tables.
        loans: The loans that were decided, as the tables have them.
        approved: Names of those that were approved.
        ends: How far the tables reach.
    """

    home: Path
    data: Path
    loans: list[dict[str, Any]]
    approved: frozenset[str]
    ends: datetime

    def run(self, *words: str | Path) -> Result:
        return CliRunner().invoke(
            app, list(map(str, words)), env={"SOLVENT_HOME": str(self.home), "COLUMNS": "200"}
        )

    def is_bad(self, loan: dict[str, Any]) -> bool:
        """Whether the loan is bad, as one would say it."""
        return loan["paid_at"] is None or loan["paid_at"] > loan["created_at"] + WINDOW

    def mature(self) -> list[dict[str, Any]]:
        return [one for one in self.loans if one["created_at"] + WINDOW <= self.ends]


def ran(home: Path, *words: str | Path) -> None:
    result = CliRunner().invoke(app, list(map(str, words)), env={"SOLVENT_HOME": str(home)})
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    """The lender: trained on early loans, having decided some of the later ones."""
    folder = tmp_path_factory.mktemp("outcomes")
    home, data = folder / "home", folder / "data"
    ran(home, "sandbox", PRODUCT, "--customers", "2500", "--out", data)
    ran(home, "train", ROOT / "examples" / PRODUCT, "--data", data)
    ran(home, "policy", ROOT / "examples" / PRODUCT)
    ran(home, "events", "load", PRODUCT, data)
    rows = pq.read_table(data / "loans.parquet").to_pylist()
    for row in rows:
        row["created_at"] = row["created_at"].replace(tzinfo=UTC)
        row["paid_at"] = row["paid_at"] and row["paid_at"].replace(tzinfo=UTC)
    service = open_service(Settings(home=home))
    live = service.product(PRODUCT)
    cut = live.registered.about["split"]["cut_microseconds"]
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=cut)
    later = [row for row in rows if row["created_at"] >= start]
    chosen = random.Random(5).sample(later, DECIDED)  # noqa: S311 - figures, not secrets
    approved = set()
    for row in chosen:
        asked = RawApplication(
            user_id=row["uuid"], application_id=str(row["loan_id"]),
            application_at=row["created_at"].isoformat(), events={},
            attributes={"amount": float(row["amount"])},
        )  # fmt: skip
        request = DecisionRequest(
            product=PRODUCT, application=asked, applicant=False, owner="me", idempotency_key=None,
            body=b"",
        )  # fmt: skip
        if decide(service, request)["verdict"] == "approve":
            approved.add(str(row["loan_id"]))
    service.close()
    ends = max(row["created_at"] for row in rows)
    ends = max(ends, *(row["paid_at"] for row in rows if row["paid_at"]))
    return Decided(home=home, data=data, loans=chosen, approved=frozenset(approved), ends=ends)


@pytest.fixture
def lender(made: Decided, tmp_path: Path) -> Decided:
    """The same lender, of whose loans nothing is known."""
    home = tmp_path / "home"
    shutil.copytree(made.home, home)
    return Decided(
        home=home, data=made.data, loans=made.loans, approved=made.approved, ends=made.ends
    )


def figures(lender: Decided, wish: Wish = Wish()) -> dict[str, Any]:  # noqa: B008 - frozen
    service = open_service(Settings(home=lender.home))
    try:
        return realised_json(service, PRODUCT, wish)
    finally:
        service.close()


def outcome_rows(lender: Decided, *, flipped: bool = False) -> list[dict[str, Any]]:
    return [
        {
            "application_id": str(loan["loan_id"]), "bad": str(lender.is_bad(loan) ^ flipped),
            "observed_at": (loan["created_at"] + WINDOW).isoformat(), "branch": "=not read",
        }
        for loan in lender.mature()
    ]  # fmt: skip


def write_csv(path: Path, rows: list[dict[str, Any]], separator: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return path


def counts(result: Result) -> tuple[int, int, int]:
    """Return new, corrected and repeated, as printed."""
    assert result.exit_code == 0, result.output
    new = re.search(r"new +([\d,]+) outcomes, ([\d,]+) of them", result.output)
    repeated = re.search(r"repeated ([\d,]+)", result.output)
    assert new is not None
    assert repeated is not None
    return int(new[1]), int(new[2]), int(repeated[1])


def test_realised_and_predicted_agree(lender: Decided, tmp_path: Path) -> None:
    """By the lender's truth: every figure is a plain count, and the PDs lie within the interval."""
    file = write_csv(tmp_path / "truth.csv", outcome_rows(lender))
    assert counts(lender.run("outcomes", "load", PRODUCT, file)) == (len(lender.mature()), 0, 0)
    found = figures(lender)
    whole = found["whole"]
    lent = [one for one in lender.mature() if str(one["loan_id"]) in lender.approved]
    assert 100 < len(lent) < len(lender.mature())
    assert (whole["decided"], whole["approved"]) == (DECIDED, len(lender.approved))
    assert (whole["known"], whole["bads"]) == (len(lent), sum(map(lender.is_bad, lent)))
    assert whole["customers"] == len({one["uuid"] for one in lent})
    assert whole["known"] + whole["immature"] + whole["untold"] == whole["approved"]
    assert found["known_of_others"] == len(lender.mature()) - len(lent)
    months = {f"{one['created_at']:%Y-%m}" for one in lender.loans}
    assert [one["month"] for one in found["months"]] == sorted(months)
    assert whole["agrees"]
    assert abs(whole["z"]) < 2.58
    assert whole["low"] <= whole["mean_pd"] <= whole["high"]
    for by in BandedBy:
        parts = figures(lender, Wish(by=by))["bands"]
        assert sum(one["decided"] for one in parts) == DECIDED
        assert all(one["p_adjusted"] is None or one["p_adjusted"] > 0.01 for one in parts)
    assert found["ranking"]["auc_low"] <= found["ranking"]["auc"] <= found["ranking"]["auc_high"]


def test_a_lender_whose_loans_end_otherwise_is_found_out(lender: Decided, tmp_path: Path) -> None:
    """With every outcome turned around, predicted and realised disagree."""
    file = write_csv(tmp_path / "lies.csv", outcome_rows(lender, flipped=True))
    lender.run("outcomes", "load", PRODUCT, file)
    found = figures(lender)
    assert not found["whole"]["agrees"]
    assert found["whole"]["p_value"] < 1e-6
    assert found["ranking"]["auc"] < 0.5


def test_the_tables_say_what_the_file_says(lender: Decided, tmp_path: Path) -> None:
    """Derived from product.py's definition, outcomes are those of the truth, and told once."""
    from_tables = lender.run("outcomes", "load", PRODUCT, "--data", lender.data)
    assert counts(from_tables) == (len(lender.mature()), 0, 0)
    assert re.search(r"young +[1-9]", from_tables.output)
    again = lender.run("outcomes", "load", PRODUCT, "--data", lender.data)
    assert counts(again) == (0, 0, len(lender.mature()))
    file = write_csv(tmp_path / "truth.csv", outcome_rows(lender), separator=";")
    assert counts(lender.run("outcomes", "load", PRODUCT, file)) == (0, 0, len(lender.mature()))


def test_a_mended_table_is_a_correction(lender: Decided, tmp_path: Path) -> None:
    """What a table says otherwise later is kept beside the first, and told once."""
    lender.run("outcomes", "load", PRODUCT, "--data", lender.data)
    before = figures(lender)["whole"]
    lent = [one for one in lender.mature() if str(one["loan_id"]) in lender.approved]
    wrong = next(one for one in lent if lender.is_bad(one))
    data = tmp_path / "mended"
    shutil.copytree(lender.data, data)
    table = pq.read_table(data / "loans.parquet")
    rows = table.to_pylist()
    for row in rows:
        if row["loan_id"] == wrong["loan_id"]:
            row["paid_at"] = row["created_at"] + timedelta(days=2)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), data / "loans.parquet")
    assert counts(lender.run("outcomes", "load", PRODUCT, "--data", data))[:2] == (1, 1)
    assert figures(lender)["whole"]["bads"] == before["bads"] - 1
    assert counts(lender.run("outcomes", "load", PRODUCT, "--data", data))[:2] == (0, 0)


def test_refused_rows_come_out_with_a_reason_and_parquet_is_read(
    lender: Decided, tmp_path: Path
) -> None:
    rows = outcome_rows(lender)[:5]
    rows[1]["application_id"] = "=nobody"
    rows[3]["bad"] = "perhaps"
    lines = write_csv(tmp_path / "some.csv", rows).read_text(encoding="utf-8")
    (tmp_path / "some.csv").write_text(lines + "one,cell\n", encoding="utf-8")
    result = lender.run("outcomes", "load", PRODUCT, tmp_path / "some.csv")
    assert counts(result) == (3, 0, 0)
    assert "refused  3 rows" in result.output
    assert "perhaps" not in result.output
    assert "nobody" not in result.output
    with (tmp_path / "some.refused.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.reader(file))
    assert [row[:3] for row in told] == [
        ["file", "row", "id"], ["some.csv", "2", "'=nobody"],
        ["some.csv", "4", rows[3]["application_id"]], ["some.csv", "6", ""],
    ]  # fmt: skip
    assert "no such decision" in told[1][3]
    sound = [
        {"application_id": int(row["application_id"]), "bad": row["bad"] == "True",
         "observed_at": datetime.fromisoformat(row["observed_at"]), "lost": 1.5}
        for row in outcome_rows(lender)[:5]
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(sound), tmp_path / "some.parquet")
    assert counts(lender.run("outcomes", "load", PRODUCT, tmp_path / "some.parquet")) == (5, 3, 0)
    assert not (tmp_path / "some.refused.csv").exists()
    write_csv(tmp_path / "less.csv", [{"application_id": "1", "bad": "1"}])
    result = lender.run("outcomes", "load", PRODUCT, tmp_path / "less.csv")
    assert result.exit_code == 1
    assert "observed_at" in result.output


def test_the_table_is_shown_and_written(lender: Decided, tmp_path: Path) -> None:
    empty = lender.run("outcomes", "show", PRODUCT)
    assert empty.exit_code == 0, empty.output
    assert "no outcome is known yet" in empty.output
    file = write_csv(tmp_path / "truth.csv", outcome_rows(lender))
    lender.run("outcomes", "load", PRODUCT, file)
    target = tmp_path / "realised.csv"
    result = lender.run("outcomes", "show", PRODUCT, "--bands", "deciles", "--output", target)
    assert result.exit_code == 0, result.output
    found = figures(lender, Wish(by=BandedBy.DECILES))
    assert f"{found['whole']['bads']:,}" in result.output
    assert "Only approved loans have outcomes" in result.output
    assert len(target.read_text(encoding="utf-8").splitlines()) == 2 + sum(
        len(found[name]) for name in ("months", "bands", "cells")
    )
    refused = lender.run("outcomes", "show", PRODUCT, "--output", lender.home / "solvent.db")
    assert refused.exit_code == 1


@pytest.mark.parametrize(
    "words", [(), ("a.csv", "--data", "b"), ("a.csv", "--observed-until", "x")]
)
def test_what_cannot_be_meant_is_refused(lender: Decided, words: tuple[str, ...]) -> None:
    result = lender.run("outcomes", "load", PRODUCT, *words)
    assert result.exit_code == 1
    assert "hint" in result.output
