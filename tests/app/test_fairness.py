"""Protected attributes: no model sees them, and a report says how their groups fare."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.app.train import TrainRequest, TrainResult, train
from solvent.dataset.plan import reads
from solvent.errors import DeclarationError
from solvent.metrics import auc_interval, holm, wilson_interval
from solvent.models import load_population
from solvent.product import load_product
from solvent.report import Attribute, Fairness, Group
from solvent.store import ModelRegistry
from tests.app.protected import write_protected

DOORS = (
    "behaviour(loans), behaviour(people), ratio(own(loans, loans['income']), "
    "own(loans, loans['age'])), own(loans, (loans['sex'] == 'woman') & (loans['income'] > 9.0)), "
    "own(loans, loans['wealth'] / loans['age'])"
)
SPY = """
from pathlib import Path

from solvent.models.technique import Learnt
from solvent.models import find_technique

class Spy:
    name, title = "spy", "a spy"
    def space(self):
        return {}
    def fit(self, training, *, progress):
        Path("SEEN").write_text(repr(training.frame.names) + repr(training.guidance))
        return find_technique("logistic").fit(training, progress=progress)

technique = Spy()
"""


def _train(folder: Path, **changes: object) -> TrainResult:
    request = TrainRequest(
        loaded=load_product(folder), data=folder / "data", technique=None, seed=1,
        home=folder / "home", report=None, created_at="2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    return train(replace(request, **changes))  # type: ignore[arg-type]


def _fairness(result: TrainResult) -> Fairness:
    found = result.record.fairness
    assert found is not None
    return found


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> TrainResult:
    return _train(write_protected(tmp_path_factory.mktemp("planted") / "p", planted=True))


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> TrainResult:
    return _train(write_protected(tmp_path_factory.mktemp("even") / "p", planted=False))


def _by_name(result: TrainResult, name: str) -> Attribute:
    (found,) = (a for a in _fairness(result).attributes if a.name == name)
    return found


def _groups(result: TrainResult, name: str) -> dict[str, Group]:
    return {group.label: group for group in _by_name(result, name).groups}


def test_a_planted_gap_is_found_with_an_interval_wholly_below_four_fifths(
    planted: TrainResult,
) -> None:
    below = [(attribute.name, group.label) for attribute, group in _fairness(planted).below()]
    assert below == [("sex", "woman")]
    woman = _groups(planted, "sex")["woman"]
    assert woman.ratio is not None
    assert woman.ratio.low < woman.ratio.ratio < woman.ratio.high < 0.8


def test_where_no_gap_is_planted_none_is_found(even: TrainResult) -> None:
    assert not _fairness(even).below()
    assert not any(g.in_doubt for g in _groups(even, "sex").values() if not g.few)


def test_every_group_is_counted_as_it_stands_at_the_cutoff(planted: TrainResult) -> None:
    """Groups part the test side; figures of the whole come back from their parts."""
    record, found = planted.record, _fairness(planted)
    assert found.cutoff == record.validation.confusion.cutoff
    approved = int((record.pd_test < found.cutoff).sum())
    for attribute in found.attributes:
        assert sum(g.n for g in attribute.groups) == record.validation.n
        assert sum(g.approved for g in attribute.groups) == approved
        assert sum(g.calibration.bads for g in attribute.groups) == record.validation.bads
        for group in attribute.groups:
            assert (group.low, group.high) == wilson_interval(group.approved, group.n)
            assert group.share == group.n / record.validation.n
    labels = _test_labels(planted, "sex")
    for label, group in _groups(planted, "sex").items():
        inside = labels == label
        assert group.n == inside.sum()
        assert group.auc == auc_interval(record.pd_test[inside], record.bad_test[inside])
        assert group.calibration.mean_pd == pytest.approx(record.pd_test[inside].mean())


def _test_labels(result: TrainResult, column: str) -> np.ndarray:
    """Read the column of the test side from the file, in the dataset's order."""
    from solvent.dataset import build_dataset, open_data

    folder = result.folder.parents[3]
    product = load_product(folder).product
    with open_data(product.plan, folder / "data") as data:
        dataset = build_dataset(data, seed=1, now=0)
    found = dataset.frame[column]
    words = np.array([*found.levels, "not stated"])  # type: ignore[union-attr]
    labels: np.ndarray = words[found.codes][dataset.split.test]  # type: ignore[union-attr]
    return labels


def test_who_states_nothing_is_a_group_and_ages_are_bands(planted: TrainResult) -> None:
    assert list(_groups(planted, "sex")) == ["man", "woman", "not stated"]
    assert len(_groups(planted, "age")) == 5
    assert list(_groups(planted, "faith")) == ["many", "some"]


def test_a_group_too_small_is_said_to_be_and_compared_with_nobody(planted: TrainResult) -> None:
    small = _groups(planted, "sex")["not stated"]
    assert small.n < 100
    assert small.few
    assert not small.below
    best = _by_name(planted, "sex").best
    assert best is not None
    assert best.label == "man"


def test_a_planted_proxy_is_named_with_how_much_the_model_leans_on_it(even: TrainResult) -> None:
    """Shoes tell sex and the model ignores them; nothing tells age or faith."""
    attribute = _by_name(even, "sex")
    first = attribute.proxies[0]
    assert (first.name, first.strong) == ("shoes", True)
    assert first.auc > 0.8
    assert attribute.together is not None
    assert attribute.together.auc > 0.8
    lines = {line.name: line for line in even.record.features}
    assert first.importance == lines["shoes"].importance == attribute.leans
    for name in ("age", "faith"):
        assert not any(proxy.strong for proxy in _by_name(even, name).proxies)


def test_in_the_planted_lender_the_model_leans_on_the_proxy(planted: TrainResult) -> None:
    strong = {p.name for p in _by_name(planted, "sex").proxies if p.strong}
    assert strong == {"income", "shoes"}
    assert _by_name(planted, "sex").leans > 0.5


@pytest.mark.parametrize("technique", ["logistic", "boosted_trees"])
def test_no_door_lets_a_protected_attribute_into_a_model(tmp_path: Path, technique: str) -> None:
    """Behaviour, ratios, conditions, arithmetic and facts on the person: all are planted."""
    folder = write_protected(tmp_path / "p", planted=True, features=DOORS, technique=technique)
    result = _train(folder)
    assert {line.name for line in result.record.features} == {
        "income", "shoes", "wealth", "town", "people_children",
    }  # fmt: skip
    for side in ("test", "train"):
        kept = load_population(result.folder, side).frame.names
        assert not {"sex", "age", "people_faith"} & set(kept)
    about = ModelRegistry(folder / "home").load("protected").about
    for part in (about["plan"]["features"], about["live"]):
        text = json.dumps(part)
        assert not any(word in text for word in ('"sex"', '"age"', '"faith"', "woman"))


ROUTES = """
from solvent import (
    Applications, Attributes, Events, Link, Product, behaviour, category, count, date, equals,
    integer, number, own, ratio, total,
)

loans = Applications(
    name="loans", files="loans.parquet", id="loan", key="customer",
    columns={
        "income": number(title="income"), "wealth": number(title="wealth"),
        "town": category(title="town"), "sex": category(title="sex"), "age": integer("years"),
    },
)
people = Attributes(
    name="people", title="person", files="people.parquet", key="customer", optional=True,
    columns={"faith": category(title="faith"), "children": integer(title="children")},
)
visits = Events(
    name="visits", title="visit", files="visits.parquet", key="customer", id="visit", at="day",
    relative="days",
    columns={"sex": category(levels=("man", "woman")), "minutes": number(title="minutes")},
)
pages = Events(
    name="pages", title="page", files="pages.parquet", parent="visits", key="visit", at="day",
    relative="days", columns={"age": integer("years"), "seconds": number(title="seconds")},
)
WOMAN = loans["sex"] == "woman"
product = Product(
    name="protected", title="Loans to all", applications=loans, sources=(people, visits, pages),
    features=[
        behaviour(loans), behaviour(people), behaviour(visits),
        ratio(own(loans, loans["income"]), own(loans, loans["age"])),
        own(loans, loans["wealth"] / loans["age"]),
        own(loans, WOMAN & (loans["income"] > 9.0)),
        total(visits, visits["minutes"], where=visits["sex"] == "man"),
        ratio(count(visits, where=visits["sex"] == "woman"), count(visits)),
        total(visits, visits.of(count(pages, where=pages["age"] > 40)) + visits["minutes"]),
        total(visits, visits.of(total(pages, pages["seconds"]))),
    ],
    protected=("sex", "age", "faith"),
    bad=equals("bad", 1, matured="given"),
    chain=(
        Link(name="known", needs=("people",), technique="spy"),
        Link(name="new", technique="boosted_trees"),
    ),
)
"""


def _write_routes(folder: Path, *, scrambled: bool) -> Path:
    write_protected(folder, planted=True)
    (folder / "product.py").write_text(ROUTES, encoding="utf-8")
    (folder / "spy.py").write_text(SPY.replace('"SEEN"', '__file__ + ".seen"'), encoding="utf-8")
    data, rng = folder / "data", np.random.default_rng(5)
    loans, people = (pq.read_table(data / f"{name}.parquet") for name in ("loans", "people"))
    customers = np.array(loans["customer"].to_pylist())
    women = np.array([said == "woman" for said in loans["sex"].to_pylist()])
    whose = rng.integers(0, len(customers), 9000)
    visits = pa.table({
        "visit": [f"v{k}" for k in range(9000)], "customer": customers[whose],
        "day": -rng.integers(1, 300, 9000), "minutes": rng.exponential(9.0, 9000),
        "sex": np.where(women[whose], "woman", "man"),
    })  # fmt: skip
    of = rng.integers(0, 9000, 15_000)
    pages = pa.table({
        "visit": [f"v{k}" for k in of], "day": np.array(visits["day"])[of],
        "seconds": rng.exponential(30.0, 15_000),
        "age": np.array(loans["age"])[whose[of]],
    })  # fmt: skip
    known = people.filter(pa.array(np.arange(people.num_rows) % 3 > 0))
    for name, table in (("loans", loans), ("people", known), ("visits", visits), ("pages", pages)):
        for column in set(table.column_names) & {"sex", "age", "faith"} if scrambled else ():
            turned = table[column].take(pa.array(rng.permutation(table.num_rows)))
            table = table.set_column(table.column_names.index(column), column, turned)  # noqa: PLW2901
        pq.write_table(table, data / f"{name}.parquet")
    return folder


def test_scrambling_what_is_protected_changes_no_pd_by_any_route(tmp_path: Path) -> None:
    """Every PD, to the last bit, of each link of a chain, whose categories are told by evidence.

    Behaviour, ratios, arithmetic, conditions, shares, totals and tables below tables read protected
    columns; trees told categories by evidence and a technique of one's own learn from what is left.
    """
    folders = [_write_routes(tmp_path / str(way), scrambled=way) for way in (False, True)]
    plain, scrambled = (_train(folder) for folder in folders)
    assert len(plain.record.links) == 2
    assert (plain.record.pd_test == scrambled.record.pd_test).all()
    names = {line.name for line in plain.record.features}
    assert {"income", "town", "visits_minutes_mean", "people_children"} <= names, names
    told = [_by_name(result, "faith").proxies[0].auc for result in (plain, scrambled)]
    assert told[0] != told[1]  # the scrambled columns are those the chapter measures


def test_what_is_known_only_from_a_protected_day_on_is_kept_out(tmp_path: Path) -> None:
    folder = _write_routes(tmp_path / "p", scrambled=False)
    text = (folder / "product.py").read_text(encoding="utf-8")
    text = text.replace('number(title="seconds")', 'number(title="seconds", known_at="born")')
    text = text.replace('"seconds":', '"born": date(), "seconds":')
    text = text.replace('protected=("sex"', 'protected=("born", "sex"')
    (folder / "product.py").write_text(text, encoding="utf-8")
    plan = load_product(folder).product.plan
    declared = {f.name for f in plan.features if any(c.name == "seconds" for c in reads(f))}
    assert declared
    assert not declared & {f.name for f in plan.scored_features}


def test_a_technique_of_ones_own_is_not_shown_them_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_protected(tmp_path / "p", planted=True, features=DOORS, technique="spy")
    (folder / "spy.py").write_text(SPY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    _train(folder)
    seen = (tmp_path / "SEEN").read_text(encoding="utf-8")
    assert "income" in seen
    assert not any(word in seen for word in ("sex", "age", "faith"))


def test_the_policys_cutoff_is_taken_where_there_is_one(tmp_path: Path) -> None:
    folder = write_protected(tmp_path / "p", planted=False)
    example = Path(__file__).parents[2] / "examples" / "instant_card" / "policy.yaml"
    (folder / "policy.yaml").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    found = _fairness(_train(folder))
    assert found.cutoff == 0.14
    assert "policy.yaml" in found.cutoff_words


def test_a_broken_policy_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    folder = write_protected(tmp_path / "p", planted=False)
    (folder / "policy.yaml").write_text("version: [", encoding="utf-8")
    with pytest.raises(DeclarationError, match="protected groups fare") as raised:
        _train(folder, data=tmp_path / "nowhere")
    assert "move policy.yaml out" in (raised.value.hint or "")


def test_a_broken_policy_is_no_hindrance_where_nothing_is_protected(tmp_path: Path) -> None:
    folder = write_protected(tmp_path / "p", planted=False)
    (folder / "policy.yaml").write_text("version: [", encoding="utf-8")
    text = (folder / "product.py").read_text(encoding="utf-8")
    bare = text.replace('protected=("sex", "age", "faith"),', "")
    (folder / "product.py").write_text(bare, encoding="utf-8")
    assert _train(folder).record.fairness is None


def test_two_tables_with_a_protected_column_of_one_name_are_both_looked_at(tmp_path: Path) -> None:
    """The application says sex, and so does the table of persons, of some who did not state it."""
    folder = write_protected(tmp_path / "p", planted=False)
    path = folder / "data" / "people.parquet"
    people = pq.read_table(path)
    said = np.where(np.arange(people.num_rows) % 3 == 0, "inter", "other")
    pq.write_table(people.append_column("sex", pa.array(said)), path)
    text = (folder / "product.py").read_text(encoding="utf-8")
    text = text.replace('columns={"faith"', 'columns={"sex": category(title="sex"), "faith"')
    (folder / "product.py").write_text(text, encoding="utf-8")
    result = _train(folder)
    both = [a for a in _fairness(result).attributes if a.name == "sex"]
    assert [a.title for a in both] == ["sex (loans)", "sex (person)"]
    assert [[g.label for g in a.groups] for a in both] == [
        ["man", "woman", "not stated"], ["other", "inter"],
    ]  # fmt: skip
    assert not {"sex", "people_sex"} & {line.name for line in result.record.features}


def test_an_attribute_whose_table_is_absent_is_said_to_be_unmeasured(tmp_path: Path) -> None:
    folder = write_protected(tmp_path / "p", planted=False)
    (folder / "data" / "people.parquet").unlink()
    text = (folder / "product.py").read_text(encoding="utf-8")
    text = text.replace('key="customer",\n    columns={"faith"', (
        'key="customer", optional=True,\n    columns={"faith"'
    ))  # fmt: skip
    (folder / "product.py").write_text(text, encoding="utf-8")
    result = _train(folder)
    faith = _by_name(result, "faith")
    assert "absent" in faith.why_not
    assert not faith.groups
    assert len(_groups(result, "sex")) == 2 + 1


def test_a_central_tendency_moves_pds_and_leaves_the_check_of_groups(tmp_path: Path) -> None:
    folder = write_protected(tmp_path / "p", planted=False)
    plain, moved = _train(folder), _train(folder, central_tendency=0.03)
    central = moved.record.calibration.central
    assert central is not None
    assert central.stated == 0.03
    assert central.before == pytest.approx(plain.record.out_of_fold.mean_pd)  # type: ignore[union-attr]
    assert moved.record.out_of_fold.mean_pd == pytest.approx(0.03)  # type: ignore[union-attr]
    assert moved.validation.auc.auc == plain.validation.auc.auc
    for before, after in zip(
        plain.record.calibration.segments, moved.record.calibration.segments, strict=True
    ):
        assert after.found.mean_pd == pytest.approx(before.found.mean_pd)
        assert after.p_value == pytest.approx(before.p_value)
    about = ModelRegistry(folder / "home").load("protected", moved.version)
    assert about.about["calibration"]["central_tendency"]["stated"] == 0.03
    assert about.model.calibration.shift == pytest.approx(central.shift)


def test_a_central_tendency_that_is_no_share_is_refused_before_anything_is_read(
    tmp_path: Path,
) -> None:
    folder = write_protected(tmp_path / "p", planted=False)
    for wrong in (0.0, 1.0, 5.0, -0.1):
        with pytest.raises(DeclarationError, match="central_tendency"):
            _train(folder, central_tendency=wrong, data=tmp_path / "nowhere")


def test_segments_part_the_test_side_and_are_read_together(planted: TrainResult) -> None:
    checks = planted.record.calibration.segments
    by = {check.by for check in checks}
    assert {"Band of PD", "Town"} <= by
    for name in by:
        assert sum(c.found.n for c in checks if c.by == name) == planted.record.validation.n
    told = [c for c in checks if c.found.p_value is not None and not c.few]
    raw = [c.found.p_value for c in told]
    assert [c.p_value for c in told] == holm(raw).tolist() != raw
    assert all(c.p_value is None for c in checks if c not in told)


def test_groups_of_all_attributes_are_read_together(planted: TrainResult) -> None:
    groups = [g for a in _fairness(planted).attributes for g in a.groups]
    raw = [g.calibration.p_value for g in groups if g.calibration.p_value is not None]
    assert len({a.name for a in _fairness(planted).attributes}) == 3
    adjusted = [g.calibration_p for g in groups if g.calibration.p_value is not None]
    assert adjusted == holm(raw).tolist() != raw
    assert (
        max(a / r for a, r in zip(adjusted, raw, strict=True) if r) > 5.0
    )  # one family, not three
    assert all(g.calibration_p is None for g in groups if g.calibration.p_value is None)
