"""The airtime lender's tables agree with each other, with time, and with their stated faults."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.sandbox._airtime.rows import CORRECTION_SHARE, DUPLICATE_SHARE
from solvent.sandbox._arrival import LATE_SHARE
from tests.sandbox.folders import DAY, NULL, Folder

END = int(np.datetime64("2025-01-01", "us").astype(np.int64))
LENDING = int(np.datetime64("2024-08-01", "us").astype(np.int64))
HOUR = DAY // 24
EVENTS = [
    ("loans", "created_at"),
    ("previous_loans", "created_at"),
    ("repayments", "paid_on"),
    ("top_ups", "topped_up_at"),
    ("usage", "at"),
    ("loyalty", "valid_from"),
]
LATER = [
    ("top_ups", "topped_up_at", "uploaded_at"),
    ("usage", "at", "uploaded_at"),
    ("loyalty", "valid_from", "recorded_at"),
]
Loans = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def lent(folder: Folder) -> Loans:
    """Loans of both tables, one row each."""
    names = ("uuid", "loan_id", "amount", "fee", "created_at", "due_at", "paid_at")
    tables = ("loans", "previous_loans")
    return {
        name: np.concatenate([folder.column(table, name) for table in tables]) for name in names
    }


def test_ids_are_unique(folder: Folder, lent: Loans) -> None:
    assert len(np.unique(lent["loan_id"])) == len(lent["loan_id"])
    for table, name in (("repayments", "repayment_id"), ("usage", "usage_id")):
        ids = folder.column(table, name)
        assert len(np.unique(ids)) == len(ids)
    assert len(set(folder.table("customers")["uuid"].to_pylist())) == 5000


@pytest.mark.parametrize(("table", "time"), EVENTS)
def test_every_row_is_of_a_customer_who_has_joined_and_within_the_data(
    folder: Folder, table: str, time: str
) -> None:
    owner, at = folder.column(table, "uuid"), folder.column(table, time)
    assert owner.min() >= 0
    assert (at >= folder.column("customers", "joined_at")[owner]).all()
    assert at.max() <= END


@pytest.mark.parametrize(("table", "time", "available"), LATER)
def test_nothing_is_known_before_it_happens_or_after_the_data_end(
    folder: Folder, table: str, time: str, available: str
) -> None:
    known = folder.column(table, available)
    assert (known >= folder.column(table, time)).all()
    assert known.max() <= END


def test_the_lending_period_parts_the_two_tables(folder: Folder) -> None:
    created = folder.column("loans", "created_at")
    assert created.min() >= LENDING
    assert folder.column("previous_loans", "created_at").max() < LENDING
    immature = created > END - 30 * DAY
    assert 0.1 < immature.mean() < 0.3
    assert 1.0 <= len(created) / 5000 <= 2.2
    assert np.bincount(folder.column("previous_loans", "uuid")).max() <= 10


def test_a_loan_has_its_price_and_its_due_date(lent: Loans) -> None:
    assert set(lent["amount"].tolist()) == {5.0, 10.0, 20.0}
    rate = lent["fee"] / lent["amount"]
    assert rate.min() >= 0.15 - 1e-12
    assert rate.max() <= 0.20 + 1e-12
    assert (lent["due_at"] - lent["created_at"] == 30 * DAY).all()


def test_a_loan_is_paid_when_repayments_reach_amount_and_fee(folder: Folder, lent: Loans) -> None:
    order = np.argsort(lent["loan_id"])
    ids, paid_at = lent["loan_id"][order], lent["paid_at"][order]
    owed = np.round(100 * (lent["amount"] + lent["fee"])[order]).astype(np.int64)
    loan = np.searchsorted(ids, folder.column("repayments", "loan_id"))
    assert (ids[loan] == folder.column("repayments", "loan_id")).all()
    assert (lent["uuid"][order][loan] == folder.column("repayments", "uuid")).all()
    cents = np.round(100 * folder.column("repayments", "amount")).astype(np.int64)
    assert cents.min() > 0
    sums = np.bincount(loan, weights=cents, minlength=len(ids)).astype(np.int64)
    last = np.full(len(ids), NULL)
    paid_on = folder.column("repayments", "paid_on")
    np.maximum.at(last, loan, paid_on)
    repaid = paid_at != NULL
    assert (sums[repaid] == owed[repaid]).all()
    assert (last[repaid] == paid_at[repaid]).all()
    assert (sums[~repaid] < owed[~repaid]).all()
    assert (paid_on > lent["created_at"][order][loan]).all()


def test_every_repayment_is_withheld_from_a_top_up(folder: Folder) -> None:
    top_ups = _keys(folder, "top_ups", "topped_up_at")
    repaid = _keys(folder, "repayments", "paid_on")
    arrived_late = folder.column("repayments", "paid_on") > END - 4 * DAY
    assert np.isin(repaid, top_ups)[~arrived_late].all()


def test_one_loan_at_a_time_until_repaid_or_written_off(lent: Loans) -> None:
    order = np.lexsort((lent["created_at"], lent["uuid"]))
    owner, created, paid = (lent[name][order] for name in ("uuid", "created_at", "paid_at"))
    same = owner[1:] == owner[:-1]
    over = np.where(paid == NULL, created + 60 * DAY, paid)[:-1]
    assert same.any()
    assert (created[1:][same] > over[same]).all()


def test_a_loan_comes_after_use_and_before_the_next_top_up(folder: Folder, lent: Loans) -> None:
    usage = np.sort(_keys(folder, "usage", "at"))
    top_ups = np.sort(_keys(folder, "top_ups", "topped_up_at"))
    lent_at = _join(lent["uuid"], lent["created_at"])
    known = lent["created_at"] < END - 4 * DAY  # later ones may rest on rows still to be uploaded
    used = usage[np.searchsorted(usage, lent_at[known]) - 1]
    topped_up = top_ups[np.searchsorted(top_ups, lent_at[known]) - 1]
    assert (lent_at[known] - used <= HOUR).all()
    assert (topped_up <= used).all()


def test_late_rows_duplicates_and_corrections_come_at_their_stated_rates(folder: Folder) -> None:
    ids, amounts = folder.column("top_ups", "top_up_id"), folder.column("top_ups", "amount")
    uploaded, at = folder.column("top_ups", "uploaded_at"), folder.column("top_ups", "topped_up_at")
    order = np.lexsort((uploaded, ids))
    again = np.diff(ids[order]) == 0
    other = np.diff(amounts[order]) != 0
    different = len(np.unique(ids))
    assert (again & ~other).sum() / different == pytest.approx(DUPLICATE_SHARE, rel=0.1)
    assert (again & other).sum() / different == pytest.approx(CORRECTION_SHARE, rel=0.1)
    assert (np.diff(uploaded[order])[again & other] > 0).all()
    first = order[np.concatenate([[True], ~again])]
    delay = (uploaded - at)[first]
    assert (delay > HOUR).mean() == pytest.approx(LATE_SHARE, rel=0.1)
    assert delay.max() <= 3 * DAY + HOUR
    twins = {name: folder.column("top_ups", name)[order] for name in ("uuid", "topped_up_at")}
    assert all((np.diff(column)[again] == 0).all() for column in twins.values())


def test_a_level_nobody_saw_before_appears_in_the_last_month(folder: Folder) -> None:
    kiosk = folder.column("top_ups", "method") == "kiosk"
    at = folder.column("top_ups", "topped_up_at")
    assert 0 < kiosk.sum() < 0.03 * (at >= END - 30 * DAY).sum()
    assert at[kiosk].min() >= END - 30 * DAY


def test_data_bundles_shift_in_the_last_month_and_messages_do_not(folder: Folder) -> None:
    kind, units = folder.column("usage", "kind"), folder.column("usage", "units")
    late = folder.column("usage", "at") >= END - 30 * DAY
    data, voice = kind == "data", kind == "voice"
    assert units[data & late].mean() / units[data & ~late].mean() == pytest.approx(1.5, abs=0.15)
    assert units[voice & late].mean() / units[voice & ~late].mean() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    ("table", "name", "least", "most"),
    [
        ("loans", "channel", 0.01, 0.03),
        ("usage", "network", 0.05, 0.09),
        ("customers", "birth_date", 0.02, 0.06),
        ("customers", "sex", 0.04, 0.08),
        ("top_ups", "method", 0.0, 0.0),
    ],
)
def test_values_are_missing_where_and_as_often_as_stated(
    folder: Folder, table: str, name: str, least: float, most: float
) -> None:
    column = folder.table(table)[name]
    assert least <= column.null_count / len(column) <= most


def test_volume_is_that_of_a_year_of_prepaid_life(folder: Folder) -> None:
    assert 40 <= len(folder.table("top_ups")) / 5000 <= 80
    assert 60 <= len(folder.table("usage")) / 5000 <= 120
    assert 2 <= len(folder.table("loyalty")) / 5000 <= 8
    assert len(set(folder.table("customers")["region"].to_pylist())) == 12


def _keys(folder: Folder, table: str, time: str) -> np.ndarray:
    """Customer and time in one number."""
    return _join(folder.column(table, "uuid"), folder.column(table, time))


def _join(owner: np.ndarray, at: np.ndarray) -> np.ndarray:
    return owner * 2**50 + (at - END + 2**49)
