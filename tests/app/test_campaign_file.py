"""A campaign from a file of customers, against the same customers scored and sorted by hand."""

from __future__ import annotations

import csv
import itertools
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.app.campaign_file import CampaignRequest, CampaignResult, campaign_file
from solvent.errors import DeclarationError, RangeError, WriteError
from tests.cli.shops import CANARY, Row, Shop, loan_rows, open_live_shop, read_rows, write_rows

AS_OF = "2023-11-20T00:00:00Z"
CUTOFF, LENT, FEE, LGD = 0.35, 100.0, 10.0, 0.6
Kept = tuple[CampaignResult, list[Row]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model."""
    return open_live_shop(tmp_path_factory.mktemp("shop"))


def _run(shop: Shop, customers: Path, out: Path, **changed: object) -> Kept:
    wanted: dict[str, object] = {
        "product": "shop", "folder": shop.folder, "customers": customers, "data": shop.data,
        "home": shop.home, "confidence": 0.7, "as_of": AS_OF, "out": out,
    }  # fmt: skip
    result = campaign_file(CampaignRequest(**{**wanted, **changed}))  # type: ignore[arg-type]
    return result, read_rows(out) if out.exists() else []


def _scored(shop: Shop, folder: Path, rows: Sequence[Row]) -> dict[str, float]:
    """Return PDs by customer, as `solvent score` has them."""
    table, target = write_rows(folder / "asked.csv", rows), folder / "scored.csv"
    told = shop.score(table, target)
    assert told.exit_code == 0, told.output
    return {row["user_id"]: float(row["prediction_probability"]) for row in read_rows(target)}


def test_the_eligible_are_approved_and_sure_and_the_safest_come_first(
    shop: Shop, tmp_path: Path
) -> None:
    loans = loan_rows()
    pd = _scored(shop, tmp_path, loans)
    result, rows = _run(shop, shop.data / "loans.csv", tmp_path / "e.csv")
    free = [row["customer"] for row in loans if int(row["months"]) >= 12]
    approved = [key for key in free if pd[key] < CUTOFF]
    sure = sorted((key for key in approved if 1 - pd[key] >= 0.7), key=lambda key: (pd[key], key))
    assert [row["user_id"] for row in rows] == sure
    assert len(approved) > len(sure) > 50
    for row in rows:
        assert float(row["probability_of_default"]) == pd[row["user_id"]]
        assert float(row["repayment_probability"]) == 1.0 - pd[row["user_id"]]
        assert (row["offer"], row["amount"], row["fee"]) == ("'=Cash", "100", "10")
        assert row["currency"] == "EUR"
    counted = [stage.rows for stage in result.funnel]
    assert counted == [300, 300, len(free), len(approved), len(sure)]
    found = result.outlook
    assert found.clients == len(sure)
    assert found.lent == pytest.approx(LENT * len(sure))
    assert found.bad_rate == pytest.approx(sum(pd[key] for key in sure) / len(sure))
    assert found.bad_debt == pytest.approx(sum(pd[key] * LENT * LGD for key in sure))


def test_what_falls_out_at_each_step_is_told_beside_it(shop: Shop, tmp_path: Path) -> None:
    rows = loan_rows()
    rows[0]["income"], rows[1]["income"], rows[2]["asked_at"] = "?", "?", ""
    result, _ = _run(shop, write_rows(tmp_path / "in.csv", rows), tmp_path / "e.csv")
    stages = result.funnel
    for before, after in itertools.pairwise(stages):
        lost = [
            int(one.replace(",", "")) for one in re.findall(r"(?<![\d.])\d[\d,]*(?= )", after.note)
        ]
        assert sum(lost[:1] if after is not stages[1] else lost) == before.rows - after.rows
    assert stages[1].note == "refused: 2 income: not money; 1 asked_at: missing"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_key_alone_is_enough_and_everything_else_is_unknown(
    shop: Shop, tmp_path: Path, suffix: str
) -> None:
    keys = [f"C{n:04}" for n in range(40)]
    customers = tmp_path / f"customers.{suffix}"
    if suffix == "csv":
        write_rows(customers, [{"customer": key} for key in keys])
    else:
        pq.write_table(pa.table({"customer": keys}), customers)
    blank = dict.fromkeys(loan_rows(1)[0], "")
    asked = [{**blank, "customer": key, "loan_id": key, "asked_at": AS_OF} for key in keys]
    pd = _scored(shop, tmp_path, asked)
    _, rows = _run(shop, customers, tmp_path / "e.csv", confidence=0.5)
    approved = {key: one for key, one in pd.items() if one < CUTOFF}
    assert {row["user_id"]: float(row["probability_of_default"]) for row in rows} == approved
    assert approved


def test_an_instant_of_the_file_s_own_counts_and_no_other(shop: Shop, tmp_path: Path) -> None:
    first, _ = _run(shop, shop.data / "loans.csv", tmp_path / "a.csv")
    later, _ = _run(shop, shop.data / "loans.csv", tmp_path / "b.csv", as_of="2030-01-01T00:00:00Z")
    assert first == later
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_as_of_decides_which_rows_of_the_past_are_seen(shop: Shop, tmp_path: Path) -> None:
    customers = write_rows(
        tmp_path / "customers.csv",
        [{name: row[name] for name in ("customer", "income", "months")} for row in loan_rows(60)],
    )
    early, late = (
        _run(shop, customers, tmp_path / f"{n}.csv", as_of=as_of, confidence=0.5)[1]
        for n, as_of in enumerate(("2022-06-01T00:00:00Z", "2023-02-01T00:00:00+01:00"))
    )
    by_key = [
        {row["user_id"]: row["probability_of_default"] for row in one} for one in (early, late)
    ]
    both = by_key[0].keys() & by_key[1].keys()
    assert any(by_key[0][key] != by_key[1][key] for key in both)


def test_no_cell_starts_a_formula_in_a_spreadsheet(shop: Shop, tmp_path: Path) -> None:
    keys = ["=1+1", "@x", "+2", "-3", "＝4", "plain"]  # noqa: RUF001 - a full-width sign
    customers = tmp_path / "customers.csv"
    write_rows(customers, [{"customer": key, "income": "4900.50", "months": "50"} for key in keys])
    _, rows = _run(shop, customers, tmp_path / "e.csv", confidence=0.5)
    assert {row["user_id"].removeprefix("'") for row in rows} == set(keys)
    with (tmp_path / "e.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+", "-", "＝"))]  # noqa: RUF001


@pytest.mark.parametrize("confidence", [0.0, 1.0, -0.1, 1.1, float("nan")])
def test_a_confidence_is_a_probability_short_of_certainty(
    shop: Shop, tmp_path: Path, confidence: float
) -> None:
    with pytest.raises(RangeError, match="between 0 and 1"):
        _run(shop, shop.data / "loans.csv", tmp_path / "e.csv", confidence=confidence)


@pytest.mark.parametrize(
    "as_of", ["tomorrow", "2023-11-20", "2023-11-20T00:00:00", "", "9999-12-31T23:59:59-14:00"]
)
def test_an_instant_that_is_none_is_told_by_its_option(
    shop: Shop, tmp_path: Path, as_of: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        _run(shop, shop.data / "loans.csv", tmp_path / "e.csv", as_of=as_of)
    assert caught.value.field == "as-of"
    assert not (tmp_path / "e.csv").exists()


def test_a_table_with_a_zone_reads_as_of_in_it(tmp_path: Path) -> None:
    shop = open_live_shop(tmp_path)
    text = (shop.folder / "product.py").read_text(encoding="utf-8")
    shop.declare(text.replace('as_of="asked_at",', 'as_of="asked_at", zone="America/Lima",'))
    assert shop.run("train").exit_code == 0
    customers = write_rows(tmp_path / "c.csv", [{"customer": f"C{n:04}"} for n in range(20)])
    found = [
        _run(shop, customers, tmp_path / "e.csv", as_of=as_of)[1]
        for as_of in ("2023-02-01", "2023-02-01T05:00:00Z")
    ]
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "place", ["data/loans.csv", "data/payments.csv", "policy.yaml", "product.py", "in.csv"]
)
def test_nothing_that_is_needed_is_written_over(trained_copy: Shop, place: str) -> None:
    shop = trained_copy
    customers = write_rows(shop.folder / "in.csv", [{"customer": "C0001"}])
    before = (shop.folder / place).read_bytes()
    with pytest.raises(WriteError, match="would be overwritten"):
        _run(shop, customers, shop.folder / place)
    assert (shop.folder / place).read_bytes() == before
    for kept in ("models/shop/e.csv", "policies/e.csv", "solvent.db"):
        target = shop.home / kept
        target.parent.mkdir(parents=True, exist_ok=True)
        with pytest.raises(WriteError):
            _run(shop, customers, target)
        assert not target.exists()


@pytest.fixture
def trained_copy(shop: Shop, tmp_path: Path) -> Shop:
    """The shop, to be spoilt."""
    shutil.copytree(shop.folder, tmp_path / "shop")
    shutil.copytree(shop.home, tmp_path / "home")
    return Shop(folder=tmp_path / "shop", home=tmp_path / "home")


def test_a_target_a_table_s_pattern_would_read_is_refused(trained_copy: Shop) -> None:
    shop = trained_copy
    text = (shop.folder / "product.py").read_text(encoding="utf-8")
    shop.declare(text.replace('files="payments.csv"', 'files="pay*.csv"'))
    assert shop.run("train").exit_code == 0
    with pytest.raises(WriteError, match="belongs to the table payments"):
        _run(shop, shop.data / "loans.csv", shop.data / "paying.csv")


def test_rows_that_are_all_refused_leave_a_file_with_a_heading(shop: Shop, tmp_path: Path) -> None:
    rows = [{**row, "income": CANARY} for row in loan_rows(5)]
    result, eligible = _run(shop, write_rows(tmp_path / "in.csv", rows), tmp_path / "e.csv")
    assert [stage.rows for stage in result.funnel] == [5, 0, 0, 0, 0]
    assert result.outlook.bad_rate is None
    assert eligible == []
    assert (tmp_path / "e.csv").read_text(encoding="utf-8").startswith("user_id,")
