"""The rows told behind a value are the rows that made it, and each other row has its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from solvent.features import (
    DAY,
    EVER,
    Aggregate,
    Applications,
    EntityRows,
    Events,
    Feature,
    Op,
    attribute,
    count,
    days,
    distinct,
    instant,
    integer,
    last,
    maximum,
    mean,
    minimum,
    money,
    own,
    ratio,
    share,
    since_first,
    since_last,
    std,
    total,
)
from solvent.features.aggregates import tables_of
from solvent.features.explain import (
    Case,
    Explanation,
    Why,
    explain,
    holds_alone,
    pick,
    same,
)
from solvent.features.twin import evaluate_slowly
from tests.features.wishes import every_aggregate, wishes
from tests.features.worlds import (
    APPLICATIONS,
    FACTS,
    LOG,
    SOURCES,
    STEPS,
    Asked,
    Row,
    World,
    dense_world,
    encode,
    encode_applications,
    encode_rows,
    worlds,
)


def cases(world: World, features: list[Feature]) -> list[Case]:
    """Each application of a world, alone with its customer's rows."""
    found = []
    for asked in world.applications:
        e = asked.entity
        found.append(
            Case(
                table=APPLICATIONS, sources=SOURCES, features=tuple(features),
                application=encode_applications([replace(asked, entity=0)]),
                rows=encode(
                    replace(
                        world, log=(world.log[e],), facts=(world.facts[e],),
                        steps=(world.steps[e],),
                    ),
                    seed=e,
                )[1],
            )
        )  # fmt: skip
    return found


def twin(feature: Feature, case: Case, rows: dict[str, EntityRows]) -> float | str | None:
    """What the twin gives over some rows."""
    (told,) = evaluate_slowly(
        case.table, case.sources, [feature], case.application, rows, beside=case.features
    )
    return told[feature.name]


def without(case: Case, table: str, gone: set[int]) -> dict[str, EntityRows]:
    """The case's rows less some of one table."""
    held = set(range(len(case.rows[table]))) - gone
    return {**case.rows, table: pick(case.rows[table], held)}


def leaves(told: Explanation) -> list[Explanation]:
    """The aggregates an explanation ends in."""
    if isinstance(told.feature, Aggregate):
        return [told]
    return [leaf for part in told.parts for leaf in leaves(part)]


def places_taken(told: Explanation) -> set[int]:
    """Rows that count for nothing, and take a place among the newest from one that could."""
    assert isinstance(told.feature, Aggregate)
    taking = {Why.PLACE, Why.PRECEDED} if told.feature.newest else {Why.PLACE}
    return {row.place for row in told.rows if row.why in taking}


@given(worlds(), wishes(most=6))
@settings(max_examples=60)
def test_the_rows_that_counted_give_the_value_alone(world: World, features: list[Feature]) -> None:
    """Computed from the counted rows and nothing else, every value is the same to the last bit."""
    for case in cases(world, features):
        for feature in features:
            told = explain(feature, case)
            assert same(told.value, twin(feature, case, dict(case.rows)))
            assert holds_alone(told, case)


@pytest.mark.parametrize("seed", range(12))
def test_every_op_is_explained_by_its_rows(seed: int) -> None:
    """Each op over each column, in three windows: counted rows alone give the value."""
    features = every_aggregate()
    chosen = features[seed::12]
    for case in cases(dense_world(seed, applications=1, rows=16), features):
        for feature in chosen:
            told = explain(feature, case)
            assert holds_alone(told, case), feature.name


@given(worlds(applications=2), wishes(most=4))
@settings(max_examples=60)
def test_every_row_is_told_once_with_one_reason_or_none(
    world: World, features: list[Feature]
) -> None:
    """All rows of the customer are listed, newest first, the counted ones without a reason."""
    for case in cases(world, features):
        for leaf in [leaf for feature in features for leaf in leaves(explain(feature, case))]:
            assert isinstance(leaf.feature, Aggregate)
            size = len(case.rows[leaf.feature.table])
            assert sorted(row.place for row in leaf.rows) == list(range(size))
            assert all(a.time >= b.time for a, b in zip(leaf.rows, leaf.rows[1:], strict=False))
            assert len(leaf.counted) + len(leaf.others) == size
            assert all(isinstance(row.why, Why) for row in leaf.others)
            if not leaf.feature.newest:
                assert not any(row.why is Why.APART for row in leaf.others)
            for figure in leaf.figures:
                assert len(figure.cells) == len(leaf.counted)


@given(worlds(applications=2), wishes(most=4))
@settings(max_examples=80)
def test_taking_away_what_did_not_count_changes_nothing(
    world: World, features: list[Feature]
) -> None:
    """An event none of whose rows counts, a late row or a repeated one can go: same bits."""
    for case in cases(world, features):
        for leaf in [leaf for feature in features for leaf in leaves(explain(feature, case))]:
            assert isinstance(leaf.feature, Aggregate)
            table = leaf.feature.table
            counting = {row.id for row in leaf.counted if row.id is not None}
            for row in leaf.others:
                alone = row.why in {Why.LATE, Why.AFTER} and row.available > case.as_of
                gone = {row.place}
                if not alone and row.why is not Why.REPEATED and row.id is not None:
                    if row.id in counting:
                        continue
                    gone = {other.place for other in leaf.rows if other.id == row.id}
                if gone & places_taken(leaf):
                    continue
                rest = without(case, table, gone)
                assert same(twin(leaf.feature, case, rest), leaf.value), row.why


@given(worlds(applications=2))
@settings(max_examples=60)
def test_taking_away_a_counted_row_of_a_count_takes_one_off(world: World) -> None:
    """Without one counted row, and the other versions of its event, a count is one less."""
    features: list[Feature] = [
        count(LOG), count(LOG, over=days(7)), count(LOG, where=LOG["good"], over=days(8))
    ]  # fmt: skip
    for case in cases(world, features):
        for feature in features:
            told = explain(feature, case)
            for row in told.counted:
                event = {row.place}
                if row.id is not None:
                    event = {other.place for other in told.rows if other.id == row.id}
                value = twin(feature, case, without(case, "log", event))
                assert isinstance(told.value, float)
                assert value == told.value - 1.0


# ------------------------------------------------------------------------------- a log, row by row

T = 1_700_000_000_000_000
SHOP = Events(
    name="log", files="x.csv", key="who", at="at", available="seen", id="event", zone="UTC",
    columns={
        "amount": money("EUR"), "units": integer(), "paid_at": instant(known_at="paid_at"),
        "fee": money("EUR", known_at="paid_at"),
    },
)  # fmt: skip
LOANS = Applications(
    name="loans", files="loans.csv", id="loan", key="who", as_of="asked",
    columns={"amount": money("EUR"), "points": integer(known_at="rated"), "rated": instant()},
)  # fmt: skip


def _row(event: int, time: int, available: int | None = None, **cells: int | None) -> Row:
    held = {"amount": None, "units": None, "paid_at": None, "fee": None, **cells}
    return Row(time=time, available=time if available is None else available, id=event, cells=held)


ROWS = [
    _row(1, T - 9 * DAY, amount=100),                               # outside 7 days
    _row(2, T - 5 * DAY, amount=250, units=1),
    _row(3, T - 4 * DAY, amount=300, units=0),                      # corrected below
    _row(3, T - 4 * DAY, T - 2 * DAY, amount=350, units=1),
    _row(4, T - 3 * DAY, T + 1, amount=400, units=1),               # uploaded too late
    _row(5, T - 2 * DAY, units=1),                                  # no amount
    _row(2, T - 5 * DAY, T - DAY, amount=250, units=1),             # told twice
    _row(6, T, amount=900, units=1),                                # at the very instant
    _row(7, T - DAY, amount=50, units=0, paid_at=T + DAY, fee=7),
]  # fmt: skip


def shop_case(*features: Feature) -> Case:
    asked = [Asked(entity=0, as_of=T, cells={"amount": 1250, "points": 5, "rated": T + 1})]
    return Case(
        table=LOANS, sources=(SHOP,), features=features,
        application=encode_applications(asked, table=LOANS),
        rows={"log": encode_rows(SHOP, [ROWS])},
    )  # fmt: skip


def reasons(told: Explanation) -> Counter[Why]:
    return Counter(row.why for row in told.others if row.why is not None)


def test_each_reason_is_told_where_it_belongs() -> None:
    """One row for each way not to count, and the two that do."""
    asked = total(SHOP, SHOP["amount"], where=SHOP["units"] == 1, over=days(7))
    told = explain(asked, shop_case(asked))
    assert told.value == 6.0
    assert [row.id for row in told.counted] == [3, 2]
    assert reasons(told) == Counter(
        {
            Why.OUTSIDE: 1, Why.REPLACED: 1, Why.LATE: 1, Why.MISSING: 1, Why.REPEATED: 1,
            Why.AFTER: 1, Why.REFUSED: 1,
        }
    )  # fmt: skip
    by_why = {row.why: row for row in told.others}
    assert by_why[Why.LATE].since == T + 1
    assert by_why[Why.REPLACED].since == T - 2 * DAY
    assert by_why[Why.LATE].cells == {}, "nothing of a row that was not there yet was known"
    assert by_why[Why.AFTER].cells == {"amount": 900, "units": 1}, "there, and it does not count"
    assert told.opens == T - 7 * DAY
    assert told.steps == "3.50 + 2.50 = 6.00"
    assert told.figures[0].cells == ("3.50", "6.00")


def test_a_value_nobody_knew_yet_says_since_when_it_is_known() -> None:
    """A fee known with the payment, a day after the application, is hidden and not missing."""
    fees = total(SHOP, SHOP["fee"])
    told = explain(fees, shop_case(fees))
    hidden = next(row for row in told.others if row.why is Why.HIDDEN)
    assert hidden.id == 7
    assert hidden.since == T + DAY
    assert hidden.waiting == {"paid_at": T + DAY, "fee": T + DAY}
    assert hidden.cells["fee"] is None
    paid = count(SHOP, where=SHOP["paid_at"] > SHOP.time)
    unsure = [row for row in explain(paid, shop_case(paid)).others if row.why is Why.UNSURE]
    assert {row.since for row in unsure if row.id == 7} == {T + DAY}


AMOUNT = SHOP["amount"]


@pytest.mark.parametrize(
    ("feature", "steps", "figures"),
    [
        (count(SHOP, over=days(7)), "4 rows count", {"rows": ("1", "2", "3", "4")}),
        (mean(SHOP, AMOUNT), "7.50 / 4", {"values": ("1", "2", "3", "4"),
                                          "total": ("0.50", "4.00", "6.50", "7.50")}),
        (std(SHOP, AMOUNT), "square root of (4 × 19.7500 − (7.50)²) / (4 × 3)", None),
        (minimum(SHOP, AMOUNT), "smallest of 4: 0.50",
         {"smallest so far": ("0.50", "0.50", "0.50", "0.50")}),
        (maximum(SHOP, AMOUNT), "largest of 4: 3.50",
         {"largest so far": ("0.50", "3.50", "3.50", "3.50")}),
        (distinct(SHOP, SHOP["units"]), "2 different among 4",
         {"new": ("new", "new", "", ""), "different": ("1", "2", "2", "2")}),
        (share(SHOP, SHOP["units"] == 1), "3 / 4",
         {"yes": ("0", "1", "2", "3"), "known": ("1", "2", "3", "4")}),
        (since_last(SHOP), "1 days before", {"days before": ("1",)}),
        (since_first(SHOP), "9 days before", {"days before": ("9",)}),
        (last(SHOP, AMOUNT), "", {}),
    ],
)  # fmt: skip
def test_the_figures_lead_to_the_value_by_hand(
    feature: Feature, steps: str, figures: dict[str, tuple[str, ...]] | None
) -> None:
    """Beside the rows stand the figures a person adds up, newest first."""
    told = explain(feature, shop_case(feature))
    assert told.steps == steps
    if figures is not None:
        assert {figure.title: figure.cells for figure in told.figures} == figures


def test_a_row_too_many_or_too_few_is_found_out() -> None:
    """Rows that do not give the value are not said to: of a sum, of a ratio's part."""
    sums = total(SHOP, AMOUNT)
    shares = ratio(total(SHOP, AMOUNT, over=days(7)), sums)
    case = shop_case(sums, shares)
    told = explain(sums, case)
    assert holds_alone(told, case)
    one_less = [
        replace(row, why=Why.OUTSIDE) if row.id == 2 and row.why is None else row
        for row in told.rows
    ]
    wrong = replace(told, rows=tuple(one_less))
    assert not holds_alone(wrong, case)
    whole = explain(shares, case)
    assert holds_alone(whole, case)
    assert not holds_alone(replace(whole, parts=(whole.parts[0], wrong)), case)


def test_a_ratio_is_explained_by_both_its_parts() -> None:
    """Top and bottom are told each with its rows."""
    shares = ratio(total(SHOP, AMOUNT, over=days(7)), total(SHOP, AMOUNT, over=EVER))
    told = explain(shares, shop_case(shares))
    assert told.value == 6.5 / 7.5
    assert told.steps == "6.5 / 7.5"
    assert [part.feature for part in told.parts] == list(shares.parts)
    assert tables_of(shares) == {"log"}
    assert tables_of(own(LOANS, LOANS["amount"])) == set()


def test_the_applications_own_values_are_told_as_they_were_known() -> None:
    """A rating made after the application is not known, and since when it is is said."""
    points = own(LOANS, LOANS["points"])
    told = explain(points, shop_case(points))
    assert told.value is None
    assert told.own == {"points": None}
    assert told.waiting == {"points": T + 1}
    amount = explain(own(LOANS, LOANS["amount"]), shop_case(points))
    assert amount.value == 12.5
    assert amount.own == {"amount": 1250}


def test_an_attribute_names_the_row_valid_then() -> None:
    """The newest row known counts; the older one is superseded and the next one comes after."""
    rows = [
        Row(time=T - 2 * DAY, available=T - 2 * DAY, cells={"income": 100}),
        Row(time=T - DAY, available=T - DAY, cells={"income": None}),
        Row(time=T + 1, available=T + 1, cells={"income": 300}),
    ]
    filled = [replace(row, cells={**dict.fromkeys(FACTS.columns), **row.cells}) for row in rows]
    income = attribute(FACTS, FACTS["income"])
    case = Case(
        table=APPLICATIONS, sources=SOURCES, features=(income,),
        application=encode_applications(
            [Asked(entity=0, as_of=T, cells=dict.fromkeys(APPLICATIONS.columns))]
        ),
        rows={"facts": encode_rows(FACTS, [filled])},
    )  # fmt: skip
    told = explain(income, case)
    assert told.value is None, "the newest row says nothing, and it is the one that holds"
    assert [row.time for row in told.counted] == [T - DAY]
    assert [row.why for row in told.others] == [Why.AFTER, Why.SUPERSEDED]


def test_an_op_without_figures_of_its_own_still_lists_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where nothing is known of how an op adds up, the rows and their values are there."""
    monkeypatch.delitem(__import__("solvent.features.running", fromlist=["_SUMS"])._SUMS, Op.SUM)
    sums = total(SHOP, AMOUNT)
    told = explain(sums, shop_case(sums))
    assert told.figures == ()
    assert told.steps == ""
    assert [row.value for row in told.counted] == [50, 350, 250, 100]


def test_picking_no_row_leaves_an_empty_customer() -> None:
    """No place gives no row, not all of them."""
    assert len(pick(encode_rows(SHOP, [ROWS]), set())) == 0
    assert np.array_equal(pick(encode_rows(SHOP, [ROWS]), {0}).starts, [0, 1])


def test_a_value_from_below_is_told_by_its_rows_and_those_below_them() -> None:
    """Each row that counts is followed by what lies below it, and why the rest does not count."""
    effort = count(STEPS, where=STEPS["kind"] == "app")
    feature = maximum(LOG, LOG.of(effort)).called("most")
    for seed in range(4):
        world = replace(dense_world(seed, entities=1, applications=1, rows=8), has_ids=True)
        (case,) = cases(world, [feature])
        told = explain(feature, case)
        assert len(told.below) == len(told.counted)
        for row, part in zip(told.counted, told.below, strict=True):
            assert part.feature.name == effort.name
            assert part.value == row.value == float(len(part.counted))
            assert part.above == ("" if row.id is None else str(row.id))
            assert all(each.why is not None for each in part.others)
        assert told.value == max((row.value for row in told.counted), default=None)
