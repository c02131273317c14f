"""The home credit lender's eight tables hang together, end at the application, and are honest."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numpy.typing import NDArray

from solvent.metrics import auc
from solvent.sandbox import LENDERS, home_credit, simulate
from solvent.sandbox._block import BLOCK
from tests.sandbox.deviation import deviation
from tests.sandbox.folders import Folder
from tests.sandbox.learning import Values, auc_of_trees, is_same, plain

MONTH_DAYS = 30.4375
FUTURE = 365_243
WIDTHS = {
    "application_train": 122, "application_test": 121, "bureau": 17, "bureau_balance": 3,
    "previous_application": 37, "POS_CASH_balance": 8, "credit_card_balance": 23,
    "installments_payments": 8, "truth": 2,
}  # fmt: skip
CHILDREN = [
    ("bureau_balance", "SK_ID_BUREAU", "bureau"),
    ("POS_CASH_balance", "SK_ID_PREV", "previous_application"),
    ("credit_card_balance", "SK_ID_PREV", "previous_application"),
    ("installments_payments", "SK_ID_PREV", "previous_application"),
]
LATEST = [
    ("bureau", "DAYS_CREDIT", 0),
    ("bureau", "DAYS_ENDDATE_FACT", -1),
    ("bureau", "DAYS_CREDIT_UPDATE", 0),
    ("bureau_balance", "MONTHS_BALANCE", 0),
    ("previous_application", "DAYS_DECISION", -2),
    ("POS_CASH_balance", "MONTHS_BALANCE", -1),
    ("credit_card_balance", "MONTHS_BALANCE", -1),
    ("installments_payments", "DAYS_INSTALMENT", -1),
    ("installments_payments", "DAYS_ENTRY_PAYMENT", -1),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("home") / "home"
    simulate("home_credit", customers=6_000, seed=7, out=out)
    return Folder(out)


@pytest.fixture(scope="module", params=[1, 2, 3])
def big(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("honest") / "home"
    simulate("home_credit", customers=25_000, seed=request.param, out=out)
    return Folder(out)


# ------------------------------------------------------------------------------ the tables


def test_the_tables_have_the_published_columns(home: Folder) -> None:
    for name, width in WIDTHS.items():
        assert len(home.table(name).column_names) == width, name
    train, test = (home.table(f"application_{part}").column_names for part in ("train", "test"))
    assert train[:2] == ["SK_ID_CURR", "TARGET"]
    assert test == ["SK_ID_CURR", *train[2:]]


def test_every_client_is_in_one_of_the_two_application_tables(home: Folder) -> None:
    train, test = (home.column(f"application_{part}", "SK_ID_CURR") for part in ("train", "test"))
    both = np.concatenate([train, test])
    assert sorted(both) == sorted(home.column("truth", "SK_ID_CURR"))
    assert len(np.unique(both)) == 6_000
    assert len(test) / 6_000 == pytest.approx(0.125, abs=0.02)


@pytest.mark.parametrize(
    ("table", "key"), [("bureau", "SK_ID_BUREAU"), ("previous_application", "SK_ID_PREV")]
)
def test_ids_of_parents_are_unique_and_of_known_clients(home: Folder, table: str, key: str) -> None:
    ids = home.column(table, key)
    assert len(np.unique(ids)) == len(ids)
    known = home.column("truth", "SK_ID_CURR")
    assert np.isin(home.column(table, "SK_ID_CURR"), known).all()


@pytest.mark.parametrize(("table", "key", "parent"), CHILDREN)
def test_every_child_row_has_its_parent_and_the_parents_client(
    home: Folder, table: str, key: str, parent: str
) -> None:
    ids, owners = home.column(parent, key), home.column(parent, "SK_ID_CURR")
    order = np.argsort(ids)
    found = order[np.searchsorted(ids[order], home.column(table, key))]
    assert (ids[found] == home.column(table, key)).all()
    if table != "bureau_balance":
        assert (owners[found] == home.column(table, "SK_ID_CURR")).all()


def test_only_approved_contracts_have_months_and_payments(home: Folder) -> None:
    previous = home.table("previous_application")
    approved = previous.filter(pc.equal(previous["NAME_CONTRACT_STATUS"], "Approved"))
    card = pc.equal(approved["NAME_CONTRACT_TYPE"], "Revolving loans")
    cards, loans = approved.filter(card)["SK_ID_PREV"], approved.filter(pc.invert(card))
    assert np.isin(home.column("credit_card_balance", "SK_ID_PREV"), cards).all()
    assert np.isin(home.column("POS_CASH_balance", "SK_ID_PREV"), loans["SK_ID_PREV"]).all()
    paid = home.column("installments_payments", "SK_ID_PREV")
    assert np.isin(paid, approved["SK_ID_PREV"]).all()


@pytest.mark.parametrize(("table", "name", "latest"), LATEST)
def test_nothing_is_told_of_the_time_after_the_application(
    home: Folder, table: str, name: str, latest: int
) -> None:
    assert pc.max(home.table(table)[name]).as_py() <= latest


@pytest.mark.parametrize("name", ["DAYS_LAST_DUE", "DAYS_TERMINATION", "DAYS_FIRST_DUE"])
def test_a_day_still_to_come_has_its_code(home: Folder, name: str) -> None:
    days = home.table("previous_application")[name].drop_null().to_numpy()
    assert ((days < 0) | (days == FUTURE)).all()
    assert (days == FUTURE).any()


# ------------------------------------------------------------------------------ the loans


def test_instalments_follow_the_terms_of_their_loan(home: Folder) -> None:
    loan, paid = _terms(home), _payments(home)
    plain = paid["NUM_INSTALMENT_VERSION"] == 1
    row = np.searchsorted(loan["SK_ID_PREV"], paid["SK_ID_PREV"])
    number = paid["NUM_INSTALMENT_NUMBER"]
    assert (number[plain] <= loan["CNT_PAYMENT"][row][plain]).all()
    due = loan["DAYS_FIRST_DUE"][row] + np.round((number - 1) * MONTH_DAYS)
    assert (paid["DAYS_INSTALMENT"] == due)[plain].all()
    assert np.allclose(paid["AMT_INSTALMENT"][plain], loan["AMT_ANNUITY"][row][plain], atol=0.01)
    early = paid["NUM_INSTALMENT_VERSION"] == 2
    assert early.any()
    assert (paid["AMT_INSTALMENT"][early] >= loan["AMT_ANNUITY"][row][early]).all()


def test_payments_of_an_instalment_add_up_to_it_or_to_less(home: Folder) -> None:
    paid = _payments(home)
    key = paid["SK_ID_PREV"] * 1_000 + paid["NUM_INSTALMENT_NUMBER"]
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    sums = np.bincount(which, weights=np.nan_to_num(paid["AMT_PAYMENT"]))
    rows = np.bincount(which)
    whole = np.isclose(sums, paid["AMT_INSTALMENT"][first], atol=0.02)
    assert (sums <= paid["AMT_INSTALMENT"][first] + 0.02).all()
    assert whole.mean() > 0.98
    assert 0.01 < (rows == 2).mean() < 0.08
    assert rows.max() == 2


def test_days_past_due_are_those_of_the_oldest_unpaid_instalment(home: Folder) -> None:
    """A slow second way: each month's row is worked out anew from the payments."""
    paid, months = _payments(home), home.table("POS_CASH_balance")
    names = ("SK_ID_PREV", "DAYS_INSTALMENT", "AMT_INSTALMENT", "DAYS_ENTRY_PAYMENT", "AMT_PAYMENT")
    loans: dict[int, dict[tuple[float, float], list[tuple[float, float]]]] = {}
    for loan, due, owed, day, amount in zip(*(paid[name].tolist() for name in names), strict=True):
        loans.setdefault(loan, {}).setdefault((due, owed), []).append((day, amount))
    seen = 0
    for loan, month, said in zip(
        *(months[name].to_pylist() for name in ("SK_ID_PREV", "MONTHS_BALANCE", "SK_DPD")),
        strict=True,
    ):
        today = np.floor(month * MONTH_DAYS)
        unpaid = [
            due
            for (due, owed), parts in loans.get(loan, {}).items()
            if due <= today and sum(part for day, part in parts if day <= today) < owed - 0.02
        ]
        assert said == (today - min(unpaid) if unpaid else 0)
        seen += said > 0
    assert seen > 500


def test_a_cards_payments_are_those_of_its_months(home: Folder) -> None:
    paid, months = _payments(home, version=0), home.table("credit_card_balance")
    month = np.round((paid["DAYS_INSTALMENT"] + 25.5) / MONTH_DAYS).astype(np.int64)
    names = ("SK_ID_PREV", "MONTHS_BALANCE", "AMT_PAYMENT_TOTAL_CURRENT")
    rows = zip(*(months[name].to_pylist() for name in names), strict=True)
    shown = {(card, at): amount for card, at, amount in rows}
    places = zip(paid["SK_ID_PREV"].tolist(), month.tolist(), strict=True)
    found = np.array([shown.get(place, np.nan) for place in places])
    told = ~np.isnan(found)
    assert told.mean() > 0.75  # cards that ended are shown for fewer months
    assert np.allclose(found[told], paid["AMT_PAYMENT"][told], atol=0.01)


# ------------------------------------------------------------------------------ the columns


def test_codes_and_gaps_of_the_form_hang_together(home: Folder) -> None:
    form = home.table("application_train")
    jobless = pc.equal(form["DAYS_EMPLOYED"], FUTURE).to_numpy()
    assert (pc.equal(form["NAME_INCOME_TYPE"], "Pensioner").to_numpy() == jobless).all()
    assert (pc.equal(form["ORGANIZATION_TYPE"], "XNA").to_numpy() == jobless).all()
    assert pc.is_null(form["OCCUPATION_TYPE"]).to_numpy()[jobless].all()
    assert (form["FLAG_EMP_PHONE"].to_numpy() == ~jobless).all()
    car = pc.equal(form["FLAG_OWN_CAR"], "Y").to_numpy()
    assert (pc.is_valid(form["OWN_CAR_AGE"]).to_numpy() == car).all()
    assert (
        form["DAYS_EMPLOYED"].to_numpy()[~jobless] > form["DAYS_BIRTH"].to_numpy()[~jobless]
    ).all()


@pytest.mark.parametrize(
    ("table", "name", "missing"),
    [
        ("application_train", "EXT_SOURCE_1", 0.565),
        ("application_train", "EXT_SOURCE_2", 0.002),
        ("application_train", "EXT_SOURCE_3", 0.20),
        ("application_train", "OCCUPATION_TYPE", 0.31),
        ("application_train", "OWN_CAR_AGE", 0.66),
        ("application_train", "APARTMENTS_AVG", 0.51),
        ("application_train", "AMT_REQ_CREDIT_BUREAU_YEAR", 0.135),
        ("bureau", "AMT_CREDIT_MAX_OVERDUE", 0.67),
        ("bureau", "DAYS_ENDDATE_FACT", 0.37),
        ("previous_application", "DAYS_FIRST_DUE", 0.40),
        ("previous_application", "AMT_ANNUITY", 0.24),
        ("credit_card_balance", "AMT_DRAWINGS_ATM_CURRENT", 0.21),
        ("installments_payments", "AMT_PAYMENT", 0.003),
    ],
)
def test_columns_are_missing_as_often_as_in_the_published_data(
    home: Folder, table: str, name: str, missing: float
) -> None:
    column = home.table(table)[name]
    assert column.null_count / len(column) == pytest.approx(missing, abs=0.05)


@pytest.mark.parametrize(
    ("table", "name", "median"),
    [
        ("application_train", "AMT_INCOME_TOTAL", 148_500),
        ("application_train", "AMT_CREDIT", 512_000),
        ("application_train", "AMT_ANNUITY", 24_900),
        ("application_train", "DAYS_BIRTH", -15_760),
        ("application_train", "DAYS_EMPLOYED", -1_220),
        ("application_train", "EXT_SOURCE_2", 0.565),
        ("bureau", "DAYS_CREDIT", -984),
        ("bureau", "AMT_CREDIT_SUM", 123_000),
        ("previous_application", "DAYS_DECISION", -570),
        ("previous_application", "CNT_PAYMENT", 12),
        ("POS_CASH_balance", "CNT_INSTALMENT", 12),
    ],
)
def test_medians_are_near_those_of_the_published_data(
    home: Folder, table: str, name: str, median: float
) -> None:
    values = home.table(table)[name].drop_null().to_numpy()
    assert np.median(values) == pytest.approx(median, rel=0.12)


# ------------------------------------------------------------------------------ honesty


def test_the_first_customers_do_not_depend_on_how_many_follow(tmp_path: Path, home: Folder) -> None:
    for customers in (1, 40, BLOCK):
        simulate("home_credit", customers=customers, seed=7, out=tmp_path / str(customers))
        few = Folder(tmp_path / str(customers))
        ids = few.table("truth")["SK_ID_CURR"].combine_chunks()
        assert len(ids) == customers
        debts = few.table("bureau")["SK_ID_BUREAU"].combine_chunks()
        for name in WIDTHS:
            many = home.table(name)
            key, kept = ("SK_ID_BUREAU", debts) if name == "bureau_balance" else ("SK_ID_CURR", ids)
            assert many.filter(pc.is_in(many[key], kept)).equals(few.table(name)), name


def test_nothing_but_the_outcome_is_drawn_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With other chances for the outcome, every other column of every table stays as it was."""
    before = home_credit.simulate_block(7, 0)
    monkeypatch.setattr(home_credit, "_RISK", 99)
    after = home_credit.simulate_block(7, 0)
    changed = {
        f"{table}.{name}"
        for table in before
        if not table.startswith("application_")
        for name in before[table]
        if not is_same(before[table], after[table], name)
    }
    assert changed == {"truth.TARGET", "truth.true_pd"}


def test_times_count_from_the_application_so_the_manifest_has_no_dates(home: Folder) -> None:
    said = json.loads((home.path / "sandbox.json").read_text(encoding="utf-8"))
    assert {said[name] for name in ("period_start", "lending_start", "observed_until")} == {None}
    assert set(said["tables"]) == set(LENDERS["home_credit"].tables) == set(WIDTHS)


def test_outcomes_are_drawn_from_the_true_pd(big: Folder) -> None:
    """One law per line below, on one sandbox of 25,000 customers, for each of three seeds."""
    bad, pd = big.column("application_train", "TARGET") == 1, _train_pd(big)
    assert 0.072 <= bad.mean() <= 0.092
    assert 0.82 <= auc(pd, bad) <= 0.875
    assert abs(deviation(pd, bad)) < 3.5
    groups = np.array_split(np.argsort(pd), 10)
    form = big.table("application_train")
    for name in ("DAYS_BIRTH", "AMT_CREDIT", "AMT_INCOME_TOTAL", "REGION_RATING_CLIENT"):
        groups += np.array_split(np.argsort(form[name].to_numpy(), kind="stable"), 5)
    for values in _behaviour(big).T:
        groups += np.array_split(np.argsort(values, kind="stable"), 5)
    assert max(abs(deviation(pd[rows], bad[rows])) for rows in groups) < 4.2


def test_each_part_tells_more_and_none_tells_what_nobody_sees(big: Folder) -> None:
    """A model of the form, of form and child tables, and the true PD, on clients held back."""
    bad, pd = big.column("application_train", "TARGET") == 1, _train_pd(big)
    fitted = np.arange(len(bad)) % 3 != 0
    form, lived = _form(big), _behaviour(big)
    alone = auc_of_trees(form, bad, fitted)
    both = auc_of_trees(np.column_stack([form, lived]), bad, fitted)
    assert 0.70 <= alone <= 0.78
    assert alone + 0.005 <= both <= 0.81
    assert both + 0.03 <= auc(pd[~fitted], bad[~fitted])
    for name in ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"):
        values = big.table("application_train")[name].to_numpy()
        told = ~np.isnan(values)
        assert 0.60 <= auc(1.0 - values[told], bad[told]) <= 0.71, name


def _terms(home: Folder) -> dict[str, Values]:
    """Terms of earlier applications by ascending id."""
    names = ("SK_ID_PREV", "CNT_PAYMENT", "DAYS_FIRST_DUE", "AMT_ANNUITY")
    table = home.table("previous_application").sort_by("SK_ID_PREV")
    return {name: table[name].to_numpy() for name in names}


def _payments(home: Folder, version: int | None = None) -> dict[str, Values]:
    """Payments on loans, or on cards (version 0)."""
    table = home.table("installments_payments")
    card = pc.equal(table["NUM_INSTALMENT_VERSION"], 0)
    table = table.filter(card if version == 0 else pc.invert(card))
    return {name: table[name].to_numpy() for name in table.column_names}


def _train_pd(home: Folder) -> NDArray[np.float64]:
    """The true PD of each client of `application_train`."""
    ids = home.column("truth", "SK_ID_CURR")
    place = np.searchsorted(ids, home.column("application_train", "SK_ID_CURR"))
    return home.column("truth", "true_pd")[place]


def _form(home: Folder) -> NDArray[np.float64]:
    """Every column of the form as numbers, and three ratios bankers use."""
    form = home.table("application_train").drop_columns(["SK_ID_CURR", "TARGET"])
    columns = [plain(form[name]) for name in form.column_names]
    credit, annuity, goods, income = (
        plain(form[name])
        for name in ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL")
    )
    return np.column_stack([*columns, credit / annuity, credit / goods, annuity / income])


def _behaviour(home: Folder) -> NDArray[np.float64]:
    """Fourteen plain aggregates of the child tables for each client of `application_train`."""
    return _aggregates(home.path)


@cache
def _aggregates(path: Path) -> NDArray[np.float64]:
    folder = Folder(path)
    clients = folder.column("application_train", "SK_ID_CURR")
    debts, earlier = folder.table("bureau"), folder.table("previous_application")
    months, cards = folder.table("POS_CASH_balance"), folder.table("credit_card_balance")
    paid = folder.table("installments_payments")
    delay = pc.subtract(paid["DAYS_ENTRY_PAYMENT"], paid["DAYS_INSTALMENT"])
    late, recent = pc.greater(delay, 0), pc.greater(paid["DAYS_INSTALMENT"], -365)
    refused = pc.equal(earlier["NAME_CONTRACT_STATUS"], "Refused")
    newest = pc.greater(cards["MONTHS_BALANCE"], -5)
    active = pc.equal(debts["CREDIT_ACTIVE"], "Active")
    columns = [
        _mean(clients, debts, active),
        _mean(clients, debts, debts["DAYS_CREDIT"]),
        _mean(clients, debts.filter(active), debts.filter(active)["AMT_CREDIT_SUM_DEBT"]),
        _mean(clients, debts.filter(active), debts.filter(active)["AMT_CREDIT_SUM"]),
        _mean(clients, earlier, refused),
        _mean(clients, earlier, earlier["DAYS_DECISION"]),
        _count(clients, earlier),
        _count(clients, debts),
        _mean(clients, months, pc.greater(months["SK_DPD"], 0)),
        _mean(clients, paid, late),
        _mean(clients, paid, delay),
        _mean(clients, paid.filter(recent), pc.filter(late, recent)),
        _mean(clients, cards, cards["AMT_BALANCE"]),
        _mean(clients, cards.filter(newest), cards.filter(newest)["AMT_DRAWINGS_ATM_CURRENT"]),
    ]
    return np.column_stack(columns)


def _count(clients: Values, table: pa.Table) -> Values:
    place = np.searchsorted(clients, table["SK_ID_CURR"].to_numpy())
    mine = clients[np.minimum(place, len(clients) - 1)] == table["SK_ID_CURR"].to_numpy()
    return np.bincount(place[mine], minlength=len(clients)).astype(np.float64)


def _mean(clients: Values, table: pa.Table, values: Any) -> Values:
    """The mean of a column by client, -1 in thousands where there is none."""
    owner = table["SK_ID_CURR"].to_numpy()
    number = pc.cast(values, pa.float64()).to_numpy()
    place = np.minimum(np.searchsorted(clients, owner), len(clients) - 1)
    used = (clients[place] == owner) & ~np.isnan(number)
    rows = np.bincount(place[used], minlength=len(clients))
    sums = np.bincount(place[used], weights=number[used], minlength=len(clients))
    return np.where(rows > 0, sums / np.maximum(rows, 1), -9_999.0)
