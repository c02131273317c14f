"""The mobile lender's tables agree with each other, with time, and with their stated faults."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from solvent.dataset import build_dataset, open_data
from solvent.product import load_product
from solvent.sandbox import simulate
from solvent.sandbox._block import BLOCK
from solvent.sandbox._mobile.loans import AMOUNTS
from solvent.sandbox._mobile.masked import MISSING
from solvent.sandbox._mobile.rows import (
    CORRECTION_SHARE,
    DUPLICATE_SHARE,
    EVENT_LATE_SHARE,
    EVENT_MOST_LATE,
    GPS_LATE_SHARE,
    GPS_MOST_LATE,
)
from solvent.sandbox._mobile.taps import ACTIONS, APPLY, NETWORKS, SCREENS, SUBMIT
from tests.sandbox.folders import DAY, NULL, Folder

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "mobile_lender"
START, END = (
    int(np.datetime64(day, "us").astype(np.int64)) for day in ("2024-01-01", "2025-01-01")
)
HOUR = DAY // 24
GRACE = 15 * DAY
STREAMS = [
    ("gps", "position_id", "recorded_at", GPS_LATE_SHARE, GPS_MOST_LATE),
    ("events", "event_id", "event_at", EVENT_LATE_SHARE, EVENT_MOST_LATE),
]


def _open(path: Path) -> Folder:
    return Folder(path, key="user_id", people="features")


@pytest.fixture(scope="module")
def mobile(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("mobile") / "mobile"
    simulate("mobile_lender", customers=5000, seed=7, out=out)
    return _open(out)


# ------------------------------------------------------------------------------ the loans


def test_a_loan_has_an_amount_a_term_and_one_true_pd(mobile: Folder) -> None:
    ids = mobile.column("loan_outcomes", "loan_id")
    assert len(np.unique(ids)) == len(ids)
    assert (mobile.column("truth", "loan_id") == ids).all()
    pd = mobile.column("truth", "true_pd")
    assert 0.0 < pd.min() < pd.max() < 1.0
    assert set(mobile.column("loan_outcomes", "amount").tolist()) == set(AMOUNTS.tolist())
    assert set(mobile.column("loan_outcomes", "term_days").tolist()) == {14, 30}
    assert 1.2 <= len(ids) / 5000 <= 1.8


def test_an_outcome_is_there_from_the_day_it_was_known_and_not_before(mobile: Folder) -> None:
    """A default is known when the grace is over, a repayment when it is made."""
    outcome = mobile.table("loan_outcomes")["loan_outcome"]
    known = mobile.column("loan_outcomes", "outcome_at")
    created = mobile.column("loan_outcomes", "application_at")
    over = created + mobile.column("loan_outcomes", "term_days") * DAY + GRACE
    defaulted = pc.fill_null(pc.equal(outcome, "defaulted"), False).to_numpy()
    repaid = pc.fill_null(pc.equal(outcome, "repaid"), False).to_numpy()
    assert (known[defaulted] == over[defaulted]).all()
    assert (known[repaid] > created[repaid]).all()
    assert (known[repaid] < over[repaid]).all()
    unknown = ~(defaulted | repaid)
    assert 0.03 < unknown.mean() < 0.12
    assert (known[unknown] == NULL).all()
    assert (over[unknown] > END).all()
    assert known.max() <= END


def test_one_loan_at_a_time(mobile: Folder) -> None:
    owner = mobile.column("loan_outcomes", "user_id")
    created = mobile.column("loan_outcomes", "application_at")
    known = mobile.column("loan_outcomes", "outcome_at")
    order = np.lexsort((created, owner))
    again = np.diff(owner[order]) == 0
    assert again.sum() > 500
    assert (created[order][1:][again] > known[order][:-1][again]).all()


def test_every_loan_was_asked_for_in_the_app(mobile: Folder) -> None:
    """The request is the last tap of its session, seconds or minutes before the loan."""
    events = mobile.table("events")
    asked = pc.and_(
        pc.equal(events["action"], ACTIONS[SUBMIT]), pc.equal(events["screen"], SCREENS[APPLY])
    ).to_numpy()
    tapped = np.sort(_keys(mobile, "events", "event_at")[asked])
    lent = _keys(mobile, "loan_outcomes", "application_at")
    lent = lent[mobile.column("loan_outcomes", "application_at") < END - EVENT_MOST_LATE]
    before = tapped[np.maximum(np.searchsorted(tapped, lent) - 1, 0)]
    assert (lent - before > 0).all()
    assert (lent - before < HOUR).all()


# ------------------------------------------------------------------------------ the streams


@pytest.mark.parametrize(("table", "name", "time", "late_share", "most_late"), STREAMS)
def test_rows_come_late_and_twice_as_often_as_stated(
    mobile: Folder, table: str, name: str, time: str, late_share: float, most_late: int
) -> None:
    ids, at = mobile.column(table, name), mobile.column(table, time)
    uploaded = mobile.column(table, "uploaded_at")
    assert at.min() >= START
    assert (uploaded >= at).all()
    assert uploaded.max() <= END
    order = np.lexsort((uploaded, ids))
    again = np.diff(ids[order]) == 0
    first = order[np.concatenate([[True], ~again])]
    delay = (uploaded - at)[first]
    assert (delay > HOUR).mean() == pytest.approx(late_share, rel=0.05)
    assert delay.max() <= most_late + HOUR
    expected = DUPLICATE_SHARE + CORRECTION_SHARE * (table == "gps")
    assert again.sum() / len(first) == pytest.approx(expected, rel=0.05)
    assert (np.diff(at[order])[again] == 0).all()
    assert (np.diff(mobile.column(table, "user_id")[order])[again] == 0).all()


@pytest.mark.parametrize(("table", "name", "time"), [row[:3] for row in STREAMS])
def test_file_order_is_not_the_order_of_events(
    mobile: Folder, table: str, name: str, time: str
) -> None:
    assert (np.diff(mobile.column(table, time)) < 0).mean() > 0.05


def test_a_wrong_radius_is_corrected_later_and_to_a_smaller_one(mobile: Folder) -> None:
    ids, radius = mobile.column("gps", "position_id"), mobile.column("gps", "accuracy")
    order = np.lexsort((mobile.column("gps", "uploaded_at"), ids))
    corrected = (np.diff(ids[order]) == 0) & (np.diff(radius[order]) != 0)
    share = corrected.sum() / len(np.unique(ids))
    assert share == pytest.approx(CORRECTION_SHARE, rel=0.15)
    wrong, right = radius[order][:-1][corrected], radius[order][1:][corrected]
    assert np.allclose(wrong, 10.0 * right)


def test_nothing_is_told_before_the_app_is_installed(mobile: Folder) -> None:
    installed = np.full(5000, np.iinfo(np.int64).max)
    np.minimum.at(
        installed, mobile.column("features", "user_id"), mobile.column("features", "valid_from")
    )
    for table, time in (
        ("gps", "recorded_at"), ("events", "event_at"), ("loan_outcomes", "application_at")
    ):  # fmt: skip
        owner = mobile.column(table, "user_id")
        assert owner.min() >= 0
        assert (mobile.column(table, time) >= installed[owner]).all(), table


def test_a_session_is_of_one_customer_and_short(mobile: Folder) -> None:
    session, owner = mobile.column("events", "session_id"), mobile.column("events", "user_id")
    at = mobile.column("events", "event_at")
    order = np.lexsort((at, session))
    same = np.diff(session[order]) == 0
    assert (np.diff(owner[order])[same] == 0).all()
    assert np.diff(at[order])[same].max() < HOUR
    assert 0 <= session.min() < session.max() < 2**40, "small enough for an exact column"
    assert 2.5 < len(np.unique(mobile.column("events", "event_id"))) / len(np.unique(session)) < 5


def test_columns_hold_what_they_are_said_to(mobile: Folder) -> None:
    assert set(mobile.table("events")["action"].to_pylist()) == set(ACTIONS)
    assert set(mobile.table("events")["screen"].to_pylist()) == set(SCREENS)
    assert set(mobile.table("events")["network"].to_pylist()) == {*NETWORKS, None}
    accuracy, speed = mobile.column("gps", "accuracy"), mobile.table("gps")["speed"]
    assert 0.0 < accuracy.min() < np.median(accuracy) < 40.0
    assert 0.15 < speed.null_count / len(speed) < 0.30
    assert 0.0 <= pc.min(speed).as_py() < pc.max(speed).as_py() < 60.0
    located = np.unique(mobile.column("gps", "user_id"))
    assert 0.88 < len(located) / 5000 < 0.95, "some never let the app see where they are"


def test_volume_is_that_of_half_a_year_of_an_app(mobile: Folder) -> None:
    assert 50 <= len(mobile.table("gps")) / 5000 <= 100
    assert 100 <= len(mobile.table("events")) / 5000 <= 180
    assert 2 <= len(mobile.table("features")) / 5000 <= 5


# ------------------------------------------------------------------------------ the ten numbers


def test_the_ten_numbers_are_missing_as_often_as_stated_and_known_after_they_hold(
    mobile: Folder,
) -> None:
    rows = mobile.table("features")
    for number, share in enumerate(MISSING, start=1):
        column = rows[f"feature_{number}"]
        assert column.null_count / len(rows) == pytest.approx(share, abs=0.015), number
    delay = mobile.column("features", "recorded_at") - mobile.column("features", "valid_from")
    assert delay.min() > 0
    assert mobile.column("features", "recorded_at").max() <= END
    assert len(np.unique(mobile.column("features", "user_id"))) == 5000


# ------------------------------------------------------------------------------ the frame


def test_the_first_customers_do_not_depend_on_how_many_follow(
    tmp_path: Path, mobile: Folder
) -> None:
    for customers in (1, 10, BLOCK):
        simulate("mobile_lender", customers=customers, seed=7, out=tmp_path / str(customers))
        few = _open(tmp_path / str(customers))
        names = pc.unique(few.table("features")["user_id"])
        assert len(names) == customers
        loans = few.table("loan_outcomes")["loan_id"].combine_chunks()
        for name in ("loan_outcomes", "gps", "events", "features"):
            many = mobile.table(name)
            assert many.filter(pc.is_in(many["user_id"], names)).equals(few.table(name)), name
        truth = mobile.table("truth")
        kept = truth.filter(pc.is_in(truth["loan_id"], loans.cast(pa.int64())))
        assert kept.equals(few.table("truth"))


def test_the_example_reads_every_row_of_the_sandbox(mobile: Folder) -> None:
    plan = load_product(EXAMPLE).product.plan
    with open_data(plan, mobile.path) as data:
        dataset = build_dataset(data, seed=0, now=END + 400 * DAY)
        assert data.absent == ()
    outcomes = mobile.table("loan_outcomes")["loan_outcome"].drop_null()
    created = mobile.column("loan_outcomes", "application_at")
    mature = created <= END - 45 * DAY
    assert 0 < len(dataset.ids) <= len(outcomes)
    assert len(dataset.ids) == pytest.approx(mature.sum(), rel=0.002)
    assert not [one for one in dataset.refusals if one.rows]


def _keys(folder: Folder, table: str, time: str) -> np.ndarray:
    """Customer and time in one number."""
    return folder.column(table, "user_id") * 2**50 + (folder.column(table, time) - END + 2**49)
