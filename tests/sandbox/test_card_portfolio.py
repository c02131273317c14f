"""The card portfolio's forms tell little, its transactions more, and neither what nobody sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numpy.typing import NDArray

from solvent.dataset import build_dataset, open_data
from solvent.metrics import auc
from solvent.product import load_product
from solvent.sandbox import card_portfolio, simulate
from solvent.sandbox._block import BLOCK
from solvent.sandbox._portfolio.transactions import (
    CORRECTION_SHARE,
    DAYS,
    DUPLICATE_SHARE,
    KINDS,
    LATE_SHARE,
)
from tests.sandbox.deviation import deviation
from tests.sandbox.folders import Folder
from tests.sandbox.learning import Values, auc_of_trees, is_same, plain

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "card_portfolio"
BAD = "TARGET_LABEL_BAD=1"
CONSTANT = (
    "CLERK_TYPE", "QUANT_ADDITIONAL_CARDS", "EDUCATION_LEVEL", "FLAG_MOBILE_PHONE",
    "FLAG_HOME_ADDRESS_DOCUMENT", "FLAG_RG", "FLAG_CPF", "FLAG_INCOME_PROOF", "FLAG_ACSP_RECORD",
)  # fmt: skip


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("cards") / "cards"
    simulate("card_portfolio", customers=6_000, seed=7, out=out)
    return Folder(out)


@pytest.fixture(scope="module", params=[1, 2, 3])
def big(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("honest") / "cards"
    simulate("card_portfolio", customers=25_000, seed=request.param, out=out)
    return Folder(out)


# ------------------------------------------------------------------------------ the form


def test_the_form_has_54_columns_of_which_nine_never_vary(cards: Folder) -> None:
    form = cards.table("applications")
    assert len(form.column_names) == 54
    levels = {name: len(pc.unique(form[name])) for name in form.column_names}
    assert {name for name, count in levels.items() if count == 1} == set(CONSTANT)
    assert levels["ID_CLIENT"] == len(form) == 6_000


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("CITY_OF_BIRTH", 0.041),
        ("RESIDENCIAL_PHONE_AREA_CODE", 0.164),
        ("RESIDENCE_TYPE", 0.027),
        ("MONTHS_IN_RESIDENCE", 0.076),
        ("PROFESSIONAL_CITY", 0.68),
        ("PROFESSION_CODE", 0.156),
        ("OCCUPATION_TYPE", 0.146),
        ("MATE_PROFESSION_CODE", 0.58),
        ("EDUCATION_LEVEL_2", 0.65),
    ],
)
def test_columns_are_missing_as_often_as_in_the_published_data(
    cards: Folder, name: str, missing: float
) -> None:
    column = cards.table("applications")[name]
    assert column.null_count / len(column) == pytest.approx(missing, abs=0.05)


@pytest.mark.parametrize(
    ("name", "quartiles"),
    [("AGE", (31, 41, 53)), ("PERSONAL_MONTHLY_INCOME", (360, 500, 800))],
)
def test_numbers_lie_where_they_do_in_the_published_data(
    cards: Folder, name: str, quartiles: tuple[float, float, float]
) -> None:
    values = cards.column("applications", name)
    assert np.quantile(values, (0.25, 0.5, 0.75)) == pytest.approx(quartiles, rel=0.08)


def test_the_form_hangs_together_as_in_life(cards: Folder) -> None:
    form = cards.table("applications")
    phone = pc.equal(form["FLAG_RESIDENCIAL_PHONE"], "Y").to_numpy()
    assert (pc.is_valid(form["RESIDENCIAL_PHONE_AREA_CODE"]).to_numpy() == phone).all()
    employer = pc.equal(form["COMPANY"], "Y").to_numpy()
    assert employer[pc.is_valid(form["PROFESSIONAL_STATE"]).to_numpy()].all()
    born, lives = form["STATE_OF_BIRTH"], form["RESIDENCIAL_STATE"]
    assert 0.7 < pc.mean(pc.equal(born, lives).cast(pa.int8())).as_py() < 0.95
    age, married = form["AGE"].to_numpy(), form["MARITAL_STATUS"].to_numpy() == 2
    assert age[married].mean() > age[form["MARITAL_STATUS"].to_numpy() == 1].mean() + 5


# ------------------------------------------------------------------------------ transactions


def test_transactions_are_of_known_applicants_before_they_applied(cards: Folder) -> None:
    rows = cards.table("transactions")
    at, posted = rows["DAYS"].to_numpy(), rows["DAYS_POSTED"].to_numpy()
    owner = rows["ID_CLIENT"].to_numpy()
    assert np.isin(owner, cards.column("applications", "ID_CLIENT")).all()
    assert 0.65 < len(np.unique(owner)) / 6_000 < 0.78
    assert -DAYS - 1 < at.min() < at.max() < 0
    assert (posted >= at).all()
    assert (posted > 0).any(), "some were posted after the application"
    assert set(pc.unique(rows["MERCHANT_KIND"]).to_pylist()) == set(KINDS)
    assert rows["AMOUNT"].to_numpy().min() > 0


def test_times_are_whole_seconds(cards: Folder) -> None:
    seconds = cards.column("transactions", "DAYS") * 86_400
    assert np.abs(seconds - np.round(seconds)).max() < 1e-6


def test_late_rows_duplicates_and_corrections_come_at_their_stated_rates(cards: Folder) -> None:
    rows = {name: cards.column("transactions", name) for name in ("TRANSACTION_ID", "AMOUNT")}
    at, posted = (cards.column("transactions", name) for name in ("DAYS", "DAYS_POSTED"))
    ids = rows["TRANSACTION_ID"]
    order = np.lexsort((posted, ids))
    again = np.diff(ids[order]) == 0
    other = np.diff(rows["AMOUNT"][order]) != 0
    different = len(np.unique(ids))
    assert (again & ~other).sum() / different == pytest.approx(DUPLICATE_SHARE, rel=0.1)
    assert (again & other).sum() / different == pytest.approx(CORRECTION_SHARE, rel=0.1)
    assert (np.diff(posted[order])[again] > 0).all()
    first = order[np.concatenate([[True], ~again])]
    assert ((posted - at)[first] > 1.0).mean() == pytest.approx(LATE_SHARE, rel=0.1)


def test_ids_of_transactions_are_unique_across_blocks() -> None:
    ids = [_ids(card_portfolio.simulate_block(1, block)) for block in (0, 1)]
    assert not np.isin(ids[0], ids[1]).any()


# ------------------------------------------------------------------------------ the example


@pytest.mark.parametrize("with_transactions", [True, False])
def test_the_example_reads_the_sandbox_with_and_without_transactions(
    tmp_path: Path, cards: Folder, with_transactions: bool
) -> None:
    kept = ("applications", "transactions") if with_transactions else ("applications",)
    for name in kept:
        (tmp_path / f"{name}.parquet").symlink_to(cards.path / f"{name}.parquet")
    with open_data(load_product(EXAMPLE).product.plan, tmp_path) as data:
        dataset = build_dataset(data, seed=0, now=0)
    assert len(dataset.ids) == 6_000
    assert int(dataset.bad.sum()) == int(cards.column("applications", BAD).sum())
    told = {name for name in dataset.frame.names if name.startswith("transactions_")}
    assert bool(told) == with_transactions


# ------------------------------------------------------------------------------ honesty


def test_the_first_customers_do_not_depend_on_how_many_follow(
    tmp_path: Path, cards: Folder
) -> None:
    for customers in (1, 40, BLOCK):
        simulate("card_portfolio", customers=customers, seed=7, out=tmp_path / str(customers))
        few = Folder(tmp_path / str(customers))
        ids = few.table("applications")["ID_CLIENT"].combine_chunks()
        assert len(ids) == customers
        for name in ("applications", "transactions", "truth"):
            many = cards.table(name)
            assert many.filter(pc.is_in(many["ID_CLIENT"], ids)).equals(few.table(name)), name


def test_nothing_but_the_outcome_is_drawn_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With other chances for the outcome, every other column of every table stays as it was."""
    before = card_portfolio.simulate_block(7, 0)
    monkeypatch.setattr(card_portfolio, "_RISK", 99)
    after = card_portfolio.simulate_block(7, 0)
    changed = {
        name
        for table in before
        for name in before[table]
        if not is_same(before[table], after[table], name)
    }
    assert changed == {BAD, "true_pd"}


def test_outcomes_are_drawn_from_the_true_pd(big: Folder) -> None:
    """One law per line below, on one sandbox of 25,000 customers, for each of three seeds."""
    pd, bad = big.column("truth", "true_pd"), big.column("applications", BAD) == 1
    assert (big.column("truth", "ID_CLIENT") == big.column("applications", "ID_CLIENT")).all()
    assert 0.25 <= bad.mean() <= 0.28
    assert 0.755 <= auc(pd, bad) <= 0.80
    assert abs(deviation(pd, bad)) < 3.5
    groups = np.array_split(np.argsort(pd), 10)
    for values in (*np.nan_to_num(_form(big), nan=-1.0).T, *_behaviour(big).T):
        if len(np.unique(values)) > 1:
            groups += np.array_split(np.argsort(values, kind="stable"), 5)
    assert max(abs(deviation(pd[rows], bad[rows])) for rows in groups) < 4.5


def test_transactions_add_to_the_form_and_neither_tells_what_nobody_sees(big: Folder) -> None:
    """A model of the form, of form and transactions, and the true PD, on clients held back."""
    pd, bad = big.column("truth", "true_pd"), big.column("applications", BAD) == 1
    fitted = np.arange(len(bad)) % 3 != 0
    form, lived = _form(big), _behaviour(big)
    alone = auc_of_trees(form, bad, fitted)
    both = auc_of_trees(np.column_stack([form, lived]), bad, fitted)
    assert 0.62 <= alone <= 0.67
    assert alone + 0.025 <= both <= 0.73
    assert both + 0.04 <= auc(pd[~fitted], bad[~fitted])


def _ids(tables: Any) -> Values:
    return np.asarray(tables["transactions"]["TRANSACTION_ID"])


def _form(folder: Folder) -> NDArray[np.float64]:
    """Every column of the form as a number: texts by their place among the levels."""
    form = folder.table("applications").drop_columns(["ID_CLIENT", BAD])
    return np.column_stack([plain(form[name]) for name in form.column_names])


def _behaviour(folder: Folder) -> NDArray[np.float64]:
    """Shares of telling kinds over all and over 30 days, counts and spending, of known rows."""
    clients = folder.column("applications", "ID_CLIENT")
    rows = folder.table("transactions")
    rows = rows.filter(pc.less_equal(rows["DAYS_POSTED"], 0))
    place = np.searchsorted(clients, rows["ID_CLIENT"].to_numpy())
    recent = rows["DAYS"].to_numpy() > -30
    kind = rows["MERCHANT_KIND"]
    count = np.bincount(place, minlength=len(clients))
    of_late = np.bincount(place[recent], minlength=len(clients))
    columns = [count.astype(float), of_late / np.maximum(count, 1)]
    columns.append(np.bincount(place, rows["AMOUNT"].to_numpy(), len(clients)))
    for name in ("cash", "gambling", "fee", "utilities", "clothing"):
        hit = pc.equal(kind, name).to_numpy()
        columns.append(np.bincount(place, hit, len(clients)) / np.maximum(count, 1))
        late_hit = np.bincount(place[recent], hit[recent], len(clients))
        columns.append(late_hit / np.maximum(of_late, 1))
    return np.column_stack(columns)
