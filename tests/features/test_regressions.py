"""Faults that others' feature code has had, each with a name here so that ours never gets it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solvent.features import (
    DAY,
    Feature,
    count,
    days,
    last,
    longest_gap,
    maximum,
    mean,
    median,
    most_common,
    sessions,
    since_last,
    total,
    trend,
)
from tests.features.cases import T, event, value, values, world
from tests.features.worlds import LOG, STEPS, Asked, World

AMOUNT = LOG["amount"]
TOLD: tuple[Feature, ...] = (
    count(LOG), total(LOG, AMOUNT), maximum(LOG, AMOUNT), last(LOG, AMOUNT), median(LOG, AMOUNT),
    trend(LOG, AMOUNT), most_common(LOG, AMOUNT), since_last(LOG), longest_gap(LOG),
    mean(LOG, AMOUNT, newest=2), sessions(LOG, gap=days(1)),
)  # fmt: skip
PAST = [
    event(9 * DAY, id=1, amount=100),
    event(4 * DAY, id=2, amount=700),
    event(1, id=3, amount=200),
]


@pytest.mark.parametrize("feature", TOLD, ids=lambda feature: feature.name)
def test_a_future_row_is_never_counted(feature: Feature) -> None:
    """Neither one a microsecond after the application, nor one years after it."""
    future = [event(-1, id=8, amount=90_000), event(-900 * DAY, id=9, amount=-90_000)]
    assert value(world(PAST + future), feature) == value(world(PAST), feature)


@pytest.mark.parametrize("feature", TOLD, ids=lambda feature: feature.name)
def test_a_tie_with_the_application_is_never_counted(feature: Feature) -> None:
    """The cutoff is exclusive: what happens at the instant itself may be its consequence."""
    assert value(world([*PAST, event(0, id=8, amount=90_000)]), feature) == value(
        world(PAST), feature
    )


@pytest.mark.parametrize("feature", TOLD, ids=lambda feature: feature.name)
def test_a_row_that_arrives_late_is_counted_from_its_arrival(feature: Feature) -> None:
    """It happened before, and nobody could know it yet."""
    late = event(2 * DAY, read=-1, id=8, amount=90_000)
    assert value(world([*PAST, late]), feature) == value(world(PAST), feature)
    known = event(2 * DAY, read=0, id=8, amount=90_000)
    assert value(world([*PAST, known]), count(LOG)) == 4.0


def test_the_start_of_a_window_is_inclusive_and_its_end_is_not() -> None:
    """[T - 4 days, T): four days old counts, a microsecond more does not."""
    edge = [event(4 * DAY, id=1), event(4 * DAY + 1, id=2), event(0, id=3)]
    assert value(world(edge), count(LOG, over=days(4))) == 1.0


def test_a_concatenated_key_gives_nobody_the_rows_of_another() -> None:
    """Customer 1's event 23 and customer 12's event 3 would both be called "123"."""
    first, second = (event(DAY, id="23", amount=100),), (event(DAY, id="3", amount=900),)
    asked = world().applications[0]
    told = values(
        World(
            applications=(replace(asked, entity=0), replace(asked, entity=1)),
            log=(first, second), facts=((), ()),
        ),
        total(LOG, AMOUNT),
    )  # fmt: skip
    assert [each["log_amount_sum"] for each in told] == [1.0, 9.0]


def test_one_event_id_at_two_customers_leads_to_two_sets_of_rows_below() -> None:
    """What lies below a row is found by that row, not by a name another row may share."""
    asked = world().applications[0]
    step = dict.fromkeys(STEPS.columns)
    rows = [replace(event(DAY, id="same"), cells=step | {"effort": effort}) for effort in (5, 7)]
    told = values(
        World(
            applications=(replace(asked, entity=0), replace(asked, entity=1)),
            log=((event(2 * DAY, id="same"),), (event(2 * DAY, id="same"),)),
            facts=((), ()),
            steps=({"same": (rows[0],)}, {"same": (rows[1],)}),
        ),
        maximum(LOG, LOG.of(total(STEPS, STEPS["effort"]))).called("most"),
    )  # fmt: skip
    assert [each["most"] for each in told] == [5.0, 7.0]


def test_two_applications_of_one_customer_each_see_their_own_past() -> None:
    """The row between them counts for the second alone, below a table too."""
    step = dict.fromkeys(STEPS.columns) | {"effort": 3}
    between = replace(event(5 * DAY, id="e"), cells=step)
    given = World(
        applications=(
            Asked(entity=0, as_of=T - 7 * DAY, cells=world().applications[0].cells),
            Asked(entity=0, as_of=T, cells=world().applications[0].cells),
        ),
        log=((event(9 * DAY, id="e"), event(6 * DAY, id="f")),), facts=((),),
        steps=({"e": (between,), "f": ()},),
    )  # fmt: skip
    told = values(
        given, count(LOG), total(LOG, LOG.of(total(STEPS, STEPS["effort"]))).called("below")
    )
    assert [(each["log_count"], each["below"]) for each in told] == [(1.0, 0.0), (2.0, 3.0)]
