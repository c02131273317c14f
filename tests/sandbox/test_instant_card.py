"""The card lender's forms hang together as in life, and its outcomes follow the true PD."""

from __future__ import annotations

import json
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from solvent.dataset import build_dataset, open_data
from solvent.metrics import auc
from solvent.product import load_product
from solvent.sandbox import simulate
from solvent.sandbox._block import BLOCK
from solvent.sandbox._card.clients import REVIEWS, SLOWEST_DAYS
from solvent.sandbox._card.people import EDUCATIONS, MISSING_EDUCATION
from tests.sandbox.deviation import deviation
from tests.sandbox.folders import DAY, Folder

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "instant_card"
FIRST, LAST = (
    int(np.datetime64(day, "us").astype(np.int64)) for day in ("2024-01-01", "2024-04-30")
)
COLUMNS = (
    "client_id", "app_date", "education", "sex", "age", "car", "car_type", "decline_app_cnt",
    "good_work", "score_bki", "bki_request_cnt", "region_rating", "home_address", "work_address",
    "income", "sna", "first_time", "foreign_passport", "default",
)  # fmt: skip
CLIENT_COLUMNS = (
    "client_id", "valid_from", "recorded_at", "region_rating", "bureau_score", "months_with_bank",
    "past_products", "arrears", "days_late_most",
)  # fmt: skip
SEEN = tuple(name for name in COLUMNS if name not in {"client_id", "app_date", "default"})
"""What a model may learn from."""
LEVELS = {
    "education": {*EDUCATIONS, None},
    "sex": {"M", "F"},
    "car": {"Y", "N"},
    "car_type": {"Y", "N"},
    "foreign_passport": {"Y", "N"},
    "good_work": {0, 1},
    "default": {0, 1},
    "home_address": {1, 2, 3},
    "work_address": {1, 2, 3},
    "sna": {1, 2, 3, 4},
    "first_time": {1, 2, 3, 4},
    "region_rating": {20, 30, 40, 50, 60, 70, 80},
}
SKEWED = {"income": np.log, "decline_app_cnt": np.log1p, "bki_request_cnt": np.log1p}
PLAIN = {"age", "score_bki", "region_rating"}
TOLD = ("education", "age", "car_type", "income", "foreign_passport", "home_address")
"""Six things an applicant can say within a minute."""
TOLD_WITHOUT_ADDRESS = ("education", "age", "car_type", "good_work", "income", "foreign_passport")


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("card") / "card"
    simulate("instant_card", customers=10_000, seed=7, out=out)
    return Folder(out)


@pytest.fixture(scope="module", params=[1, 2, 3])
def big(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Folder:
    out: Path = tmp_path_factory.mktemp("honest") / "card"
    simulate("instant_card", customers=40_000, seed=request.param, out=out)
    return Folder(out)


# ------------------------------------------------------------------------------ the tables


def test_there_is_one_application_a_customer_with_the_columns_of_the_form(card: Folder) -> None:
    applications = card.table("applications")
    assert tuple(applications.column_names) == COLUMNS
    assert len(applications) == len(set(applications["client_id"].to_pylist())) == 10_000
    assert pc.min(applications["client_id"]).as_py() > 0


def test_every_true_pd_joins_one_application(card: Folder) -> None:
    assert card.table("truth").column_names == ["client_id", "true_pd"]
    assert (card.column("truth", "client_id") == card.column("applications", "client_id")).all()
    pd = card.column("truth", "true_pd")
    assert 0.0 < pd.min() < pd.max() < 1.0


def test_the_first_customers_do_not_depend_on_how_many_follow(tmp_path: Path, card: Folder) -> None:
    for customers in (1, 10, BLOCK, BLOCK + 1):
        simulate("instant_card", customers=customers, seed=7, out=tmp_path / str(customers))
        few = Folder(tmp_path / str(customers))
        ids = few.table("applications")["client_id"].combine_chunks()
        assert len(ids) == customers
        for name in ("applications", "clients", "truth"):
            many = card.table(name)
            assert many.filter(pc.is_in(many["client_id"], ids)).equals(few.table(name)), name


def test_another_seed_tells_of_other_people(tmp_path: Path, card: Folder) -> None:
    simulate("instant_card", customers=50, seed=8, out=tmp_path / "other")
    scores = Folder(tmp_path / "other").column("applications", "score_bki")
    assert not np.isin(scores, card.column("applications", "score_bki")).any()


def test_days_are_those_of_the_four_months_and_few_apply_on_holidays(card: Folder) -> None:
    at = card.column("applications", "app_date")
    assert (at % DAY == 0).all()
    assert at.min() >= FIRST
    assert at.max() <= LAST
    day = (at - FIRST) // DAY
    count = np.bincount(day, minlength=121)
    weekend = np.arange(121) % 7 >= 5  # the first day is a Monday
    later = np.arange(121) >= 8
    assert count[weekend & later].mean() < 0.6 * count[~weekend & later].mean()
    assert count[~later].mean() < 0.5 * count[~weekend & later].mean()


def test_the_manifest_tells_the_period_in_utc(card: Folder) -> None:
    said = json.loads((card.path / "sandbox.json").read_text(encoding="utf-8"))
    assert said["lender"] == "instant_card"
    assert said["period_start"] == "2023-12-31T21:00:00Z"  # midnight in Moscow
    assert said["observed_until"] == "2024-04-30T21:00:00Z"
    assert set(said["tables"]) == {"applications", "clients", "truth"}


def test_the_example_reads_every_row_of_the_sandbox(card: Folder) -> None:
    plan = load_product(EXAMPLE).product.plan
    now = LAST + 400 * DAY
    with open_data(plan, card.path) as data:
        dataset = build_dataset(data, seed=0, now=now)
    truth = [str(value) for value in card.column("truth", "client_id")]
    assert sorted(map(str, dataset.ids.to_pylist())) == sorted(truth)
    assert int(dataset.bad.sum()) == int(card.column("applications", "default").sum())
    assert dataset.split.cut is not None
    assert dataset.split.set_aside == 0
    asked = {name for name in dataset.frame.names if not name.startswith("clients_")}
    assert asked < set(SEEN), "it asks for some of what the table holds"


def test_the_example_works_where_the_bank_has_no_such_table_and_says_so(
    tmp_path: Path, card: Folder
) -> None:
    (tmp_path / "applications.parquet").symlink_to(card.path / "applications.parquet")
    with open_data(load_product(EXAMPLE).product.plan, tmp_path) as data:
        dataset = build_dataset(data, seed=0, now=LAST + 400 * DAY)
    assert data.absent == ("clients",)
    assert {one.name for one in dataset.open_data.plan.model_features} == set(TOLD)


# ------------------------------------------------------------------------------ the columns


@pytest.mark.parametrize("name", LEVELS)
def test_a_column_has_the_levels_it_is_said_to_have(card: Folder, name: str) -> None:
    assert set(card.table("applications")[name].to_pylist()) == LEVELS[name]


@pytest.mark.parametrize(
    ("name", "least", "most", "mean"),
    [
        ("age", 21, 72, (37, 43)),
        ("income", 6_000, 1_000_000, (36_000, 45_000)),
        ("score_bki", -5.0, 1.0, (-2.1, -1.9)),
        ("bki_request_cnt", 0, 50, (1.5, 2.2)),
        ("decline_app_cnt", 0, 25, (0.2, 0.4)),
    ],
)
def test_numbers_lie_where_they_are_said_to(
    card: Folder, name: str, least: float, most: float, mean: tuple[float, float]
) -> None:
    values = card.column("applications", name)
    assert least <= values.min() < values.max() <= most
    assert mean[0] <= values.mean() <= mean[1]


def test_only_the_education_is_missing_and_as_often_as_stated(card: Folder) -> None:
    applications = card.table("applications")
    missing = {name: applications[name].null_count for name in COLUMNS}
    assert missing.pop("education") / len(applications) == pytest.approx(MISSING_EDUCATION, rel=0.4)
    assert set(missing.values()) == {0}


def test_incomes_are_lognormal_and_mostly_told_in_round_thousands(card: Folder) -> None:
    income = card.column("applications", "income")
    assert 0.85 < (income % 1_000 == 0).mean() < 0.95
    logs = np.log(income)
    spread = logs.std()
    assert 0.45 < spread < 0.65
    assert abs(((logs - logs.mean()) ** 3).mean() / spread**3) < 0.2


def test_the_form_hangs_together_as_in_life(card: Folder) -> None:
    form = {name: _plain(card, name) for name in COLUMNS}
    assert (form["car"][form["car_type"] == 1] == 1).all()
    higher = form["education"] >= EDUCATIONS.index("GRD")
    for name, least in (("income", 0.15), ("good_work", 0.05), ("foreign_passport", 0.1)):
        assert _correlation(higher, form[name]) > least, name
    rich = np.log(form["income"])
    for name in ("foreign_passport", "car_type", "region_rating"):
        assert _correlation(rich, form[name]) > 0.1, name
    assert _correlation(form["home_address"], form["work_address"]) > 0.25
    assert _correlation(form["home_address"], rich) < -0.1
    student = form["education"] == EDUCATIONS.index("UGR")
    assert form["age"][student].mean() < form["age"].mean()


def test_the_file_hangs_together_as_in_life(card: Folder) -> None:
    file = {name: _plain(card, name) for name in COLUMNS}
    assert _correlation(file["bki_request_cnt"], file["decline_app_cnt"]) > 0.1
    assert _correlation(file["score_bki"], file["decline_app_cnt"]) > 0.05
    assert _correlation(file["age"], file["first_time"]) > 0.1


# ------------------------------------------------------------------------------ the clients


def test_the_bank_knows_two_in_five_applicants_quarter_by_quarter(card: Folder) -> None:
    assert tuple(card.table("clients").column_names) == CLIENT_COLUMNS
    ids, at = card.column("clients", "client_id"), card.column("clients", "valid_from")
    assert np.isin(ids, card.column("applications", "client_id")).all()
    assert len(np.unique(ids * 1_000 + (at - FIRST) // DAY)) == len(ids), "one row a review"
    assert set(((at - FIRST) // DAY).tolist()) == set(REVIEWS)
    delay = card.column("clients", "recorded_at") - at
    assert DAY <= delay.min() < delay.max() <= SLOWEST_DAYS * DAY
    assert 0.35 <= _known(card).mean() <= 0.45
    tenure = card.column("applications", "first_time")
    assert _known(card)[tenure == 4].mean() > 1.5 * _known(card)[tenure == 1].mean()


def test_what_the_bank_knows_of_a_client_hangs_together(card: Folder) -> None:
    seen = {name: card.column("clients", name) for name in CLIENT_COLUMNS[3:]}
    assert ((seen["days_late_most"] > 0) == (seen["arrears"] > 0)).all()
    assert seen["months_with_bank"].min() >= 0
    assert seen["past_products"].min() == 1
    assert set(seen["region_rating"].tolist()) == LEVELS["region_rating"]
    score = card.table("clients")["bureau_score"]
    assert 0.04 < score.null_count / len(score) < 0.08
    forms = card.table("applications").select(["client_id", "score_bki", "region_rating", "age"])
    both = card.table("clients").join(forms, "client_id", right_suffix="_form").drop_null()
    told = {name: both[name].to_numpy().astype(np.float64) for name in both.column_names
            if name not in {"valid_from", "recorded_at"}}  # fmt: skip
    assert _correlation(told["bureau_score"], told["score_bki"]) > 0.6
    assert _correlation(told["region_rating"], told["region_rating_form"]) > 0.9
    assert (told["months_with_bank"] <= 12 * (told["age"] - 17)).all()


def test_only_a_review_after_the_application_shows_what_became_of_it(big: Folder) -> None:
    """Looking up the newest row finds the outcome; the row known that day follows the true PD."""
    pd, bad = big.column("truth", "true_pd"), big.column("applications", "default") == 1
    known, ahead = _arrears(big, as_of=True), _arrears(big, as_of=False)
    for times in range(3):
        rows = known == times
        assert abs(deviation(pd[rows], bad[rows])) < 4.0
    assert 0.53 < roc_auc_score(bad[known >= 0], known[known >= 0]) < 0.59
    assert roc_auc_score(bad[ahead >= 0], ahead[ahead >= 0]) > 0.63
    unknown = known < 0
    assert abs(deviation(pd[unknown], bad[unknown])) < 4.0
    assert pd[~unknown].mean() < pd[unknown].mean()


def test_knowing_a_client_ranks_clients_better_than_their_forms_alone(big: Folder) -> None:
    """On applicants found in the database, and still below the oracle."""
    bad, pd = big.column("applications", "default") == 1, big.column("truth", "true_pd")
    looked_up = _looked_up(big)
    rows = np.isfinite(looked_up).any(axis=1)
    fitted = (np.arange(len(bad)) % 3 != 0)[rows]
    form = np.column_stack([_plain(big, name) for name in TOLD])[rows]
    target = bad[rows]
    alone = _reached(form, target, fitted)
    helped = _reached(np.column_stack([form, looked_up[rows]]), target, fitted)
    assert helped > alone + 0.015
    assert auc(pd[rows][~fitted], target[~fitted]) > helped + 0.03


# ------------------------------------------------------------------------------ honesty


def test_outcomes_are_drawn_from_the_true_pd(big: Folder) -> None:
    """One law per line below, on one sandbox of 40,000 customers, for each of three seeds."""
    pd, bad = big.column("truth", "true_pd"), big.column("applications", "default") == 1
    assert 0.115 <= bad.mean() <= 0.140
    assert 0.78 <= auc(pd, bad) <= 0.82
    assert abs(deviation(pd, bad)) < 3.5
    groups = np.array_split(np.argsort(pd), 10)
    groups += np.array_split(np.argsort(big.column("applications", "app_date"), kind="stable"), 4)
    for name in SEEN:
        groups += _groups(_plain(big, name))
    assert max(abs(deviation(pd[rows], bad[rows])) for rows in groups) < 4.0
    months = np.array_split(np.argsort(big.column("applications", "app_date")), 4)
    assert pd[months[3]].mean() < pd[months[0]].mean()


def test_no_model_finds_what_nobody_can_see(big: Folder) -> None:
    """Each column alone, six things told, and everything seen reach what they are meant to."""
    bad = big.column("applications", "default") == 1
    pd = big.column("truth", "true_pd")
    fitted = np.arange(len(bad)) % 3 != 0
    alone = {name: _of_line(big, (name,), bad, fitted) for name in SEEN}
    assert max(alone, key=lambda name: alone[name]) == "score_bki"
    assert max(alone.values()) <= 0.68
    assert alone["sex"] <= 0.53
    assert 0.62 <= _of_line(big, TOLD, bad, fitted) <= 0.68
    assert 0.61 <= _of_line(big, TOLD_WITHOUT_ADDRESS, bad, fitted) <= 0.66
    everything = (_of_line(big, SEEN, bad, fitted), _of_trees(big, SEEN, bad, fitted))
    assert all(0.72 <= found <= 0.76 for found in everything)
    assert auc(pd[~fitted], bad[~fitted]) >= max(everything) + 0.03


def _known(folder: Folder) -> np.ndarray:
    """Whether each applicant is in the database on the day of the application."""
    return _arrears(folder, as_of=True) >= 0


def _arrears(folder: Folder, *, as_of: bool) -> np.ndarray:
    """Arrears in the newest row, or in the newest one known that day; -1 where there is none."""
    found = _newest(folder, as_of=as_of)
    arrears = folder.column("clients", "arrears")
    return np.where(found >= 0, arrears[np.maximum(found, 0)], -1)


def _looked_up(folder: Folder) -> np.ndarray:
    """What the database said that day, NaN where it knew nobody; shape (applications, columns)."""
    found = _newest(folder, as_of=True)
    columns = [folder.column("clients", name) for name in CLIENT_COLUMNS[3:]]
    table = np.column_stack(columns).astype(np.float64)
    return np.where((found >= 0)[:, None], table[np.maximum(found, 0)], np.nan)


def _newest(folder: Folder, *, as_of: bool) -> np.ndarray:
    """The row of each applicant's newest review, -1 where there is none; shape (applications,)."""
    applicants, day = (folder.column("applications", name) for name in ("client_id", "app_date"))
    order = np.argsort(applicants)
    place = order[np.searchsorted(applicants[order], folder.column("clients", "client_id"))]
    known = folder.column("clients", "recorded_at") <= day[place]
    rows = np.flatnonzero(known) if as_of else np.arange(len(place))
    rows = rows[np.argsort(folder.column("clients", "valid_from")[rows], kind="stable")]
    found = np.full(len(applicants), -1)
    found[place[rows]] = rows  # the last assignment stays
    return found


def _reached(matrix: np.ndarray, bad: np.ndarray, fitted: np.ndarray) -> float:
    """AUC of boosted trees, on applications they were not fitted on."""
    trees = lgb.LGBMClassifier(
        n_estimators=120, num_leaves=8, learning_rate=0.05, min_child_samples=50, num_threads=1,
        verbose=-1,
    )  # fmt: skip
    trees.fit(matrix[fitted], bad[fitted])
    return auc(np.asarray(trees.booster_.predict(matrix[~fitted])), bad[~fitted])


def _plain(folder: Folder, name: str) -> NDArray[np.float64]:
    """A column as numbers: texts by their place among the levels, -1 where missing."""
    values = folder.table("applications")[name]
    if pa.types.is_string(values.type):
        levels = EDUCATIONS if name == "education" else tuple(sorted(LEVELS[name]))
        places = pc.index_in(values, value_set=pa.array(levels))
        return pc.fill_null(places, -1).to_numpy().astype(np.float64)
    return folder.column("applications", name).astype(np.float64)


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def _groups(values: np.ndarray) -> list[np.ndarray]:
    """Rows by level where levels are few, by fifths where they are many."""
    levels = np.unique(values)
    if len(levels) > 10:
        return np.array_split(np.argsort(values, kind="stable"), 5)
    return [np.flatnonzero(values == level) for level in levels]


def _of_line(folder: Folder, names: tuple[str, ...], bad: np.ndarray, fitted: np.ndarray) -> float:
    """AUC of a logistic model of some columns, on applications it was not fitted on."""
    columns: list[np.ndarray] = []
    for name in names:
        values = _plain(folder, name)
        if name in SKEWED or name in PLAIN:
            columns.append(SKEWED[name](values) if name in SKEWED else values)
        else:
            columns += [values == level for level in np.unique(values)[1:]]
    matrix = StandardScaler().fit_transform(np.column_stack(columns).astype(np.float64))
    line = LogisticRegression().fit(matrix[fitted], bad[fitted])
    return auc(line.predict_proba(matrix[~fitted])[:, 1], bad[~fitted])


def _of_trees(folder: Folder, names: tuple[str, ...], bad: np.ndarray, fitted: np.ndarray) -> float:
    """The same of boosted trees."""
    matrix = np.column_stack([_plain(folder, name) for name in names])
    trees = lgb.LGBMClassifier(
        n_estimators=150, num_leaves=8, learning_rate=0.05, num_threads=1, verbose=-1
    )
    trees.fit(matrix[fitted], bad[fitted])
    return auc(np.asarray(trees.booster_.predict(matrix[~fitted])), bad[~fitted])
