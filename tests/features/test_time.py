"""The rules of time, one law each, on cases small enough to read."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings

from solvent.features import (
    DAY,
    EVER,
    HOUR,
    Feature,
    active_days,
    attribute,
    count,
    days,
    last,
    maximum,
    mean,
    own,
    ratio,
    share,
    since_first,
    since_last,
    total,
)
from tests.features.cases import T, event, fact, value, values, world
from tests.features.wishes import wishes
from tests.features.worlds import APPLICATIONS, FACTS, LOG, ZONES, Row, World, fast, worlds

AMOUNT = LOG["amount"]


def test_an_event_at_the_instant_of_the_application_does_not_count() -> None:
    """Strictly before T: a tie with T does not count, one microsecond earlier does."""
    assert value(world([event(0)]), count(LOG)) == 0
    assert value(world([event(1)]), count(LOG)) == 1


def test_an_event_at_the_start_of_the_window_counts() -> None:
    """T - w <= event_time: the window holds its start and nothing before."""
    week = count(LOG, over=days(7))
    assert value(world([event(7 * DAY)]), week) == 1
    assert value(world([event(7 * DAY + 1)]), week) == 0


def test_a_row_counts_once_it_could_be_read() -> None:
    """available_time <= T: read at T counts, read a microsecond later does not."""
    assert value(world([event(DAY, read=0)]), count(LOG)) == 1
    assert value(world([event(DAY, read=-1)]), count(LOG)) == 0


def test_a_planted_future_row_changes_nothing() -> None:
    """A row that happens after T, though already written down, is not seen."""
    past = [event(DAY, amount=100)]
    future = event(-DAY, read=DAY, amount=10_000)
    features = (count(LOG), total(LOG, AMOUNT), last(LOG, AMOUNT), since_last(LOG))
    assert values(world([*past, future]), *features) == values(world(past), *features)


def test_no_events_are_zero_for_counts_and_sums_and_null_for_the_rest() -> None:
    """Rule 5: nobody knows the mean of nothing, but its count is 0."""
    nought = (count(LOG), total(LOG, AMOUNT), total(LOG, LOG["score"]),
              active_days(LOG, zone="UTC"))  # fmt: skip
    null = (mean(LOG, AMOUNT), last(LOG, AMOUNT), since_last(LOG), share(LOG, LOG["ok"]),
            attribute(FACTS, FACTS["income"]), ratio(count(LOG), total(LOG, AMOUNT)))  # fmt: skip
    assert set(values(world(), *nought)[0].values()) == {0.0}
    assert set(values(world(), *null)[0].values()) == {None}


def test_a_value_known_later_is_null_until_then_while_its_row_counts() -> None:
    """Rule 8: an earlier loan still open at T is an open loan, not no loan."""
    still_open = event(DAY, rate=9.5, closed=T + 1, amount=5)
    just_closed = event(DAY, rate=9.5, closed=T, amount=5)
    never = event(DAY, rate=9.5, closed=None, amount=5)
    features = (mean(LOG, LOG["rate"]), count(LOG), share(LOG, LOG["rate"].is_missing()))
    assert list(values(world([still_open]), *features)[0].values()) == [None, 1, 1]
    assert list(values(world([never]), *features)[0].values()) == [None, 1, 1]
    assert list(values(world([just_closed]), *features)[0].values()) == [9.5, 1, 0]


def test_two_late_columns_are_compared_only_when_both_are_known() -> None:
    """A question about two late columns is open until the later of them is known."""
    earlier = share(LOG, LOG["paid"] < LOG["settled"])
    assert value(world([event(DAY, paid=T - 5, settled=T - 3)]), earlier) == 1
    assert value(world([event(DAY, paid=T - 5, settled=T)]), earlier) == 1
    assert value(world([event(DAY, paid=T - 5, settled=T + 1)]), earlier) is None


def test_three_late_columns_in_one_expression_each_keep_their_time() -> None:
    """Every subset of the late columns may be known; the others are null."""
    late = [LOG["rate"], LOG["good"], LOG["units"]]
    cells = {"rate": 1.0, "good": True, "units": 1}
    for known, asked in product(range(8), repeat=2):
        first, second, third = (
            ~column.is_missing() if asked >> bit & 1 else column.is_missing()
            for bit, column in enumerate(late)
        )
        closed, paid, settled = (T if known >> bit & 1 else T + 1 for bit in range(3))
        row = event(DAY, closed=closed, paid=paid, settled=settled, **cells)
        told = value(world([row]), share(LOG, first & second & third))
        assert told == (1 if known == asked else 0)


def test_what_is_not_known_yet_does_not_pick_the_newest_row() -> None:
    """Two tied rows keep their order whatever will be written into them after T."""
    tied = [event(DAY, channel=level, closed=T + DAY) for level in ("app", "web")]
    newest = (last(LOG, LOG["channel"]), mean(LOG, LOG["rate"]))
    before = values(world(tied, ids=False), *newest)
    for rates in ((1.0, 2.0), (2.0, 1.0)):
        later = [
            replace(row, cells={**row.cells, "rate": rate})
            for row, rate in zip(tied, rates, strict=True)
        ]
        assert values(world(later, ids=False), *newest) == before


def test_of_two_tied_rows_the_one_with_the_value_is_newer() -> None:
    """Ties go on to the columns read, in declared order, null first whatever the kind."""
    for blank in ({"amount": 1, "ok": True}, {"score": 0.5, "ok": False}):
        name = next(iter(blank))
        read = (last(LOG, LOG["channel"]), maximum(LOG, LOG[name]))
        full, empty = event(DAY, channel="app", **blank), event(DAY, channel="web")
        for rows in ([full, empty], [empty, full]):
            assert values(world(rows, ids=False), *read)[0][read[0].name] == "app"


def test_a_fact_valid_from_the_instant_of_the_application_holds() -> None:
    """Rule 6: valid_from <= T, unlike events."""
    income = attribute(FACTS, FACTS["income"])
    rows = [fact(DAY, income=100), fact(0, income=200), fact(-1, income=300)]
    assert value(world(facts=rows), income) == 2.0


def test_a_fact_written_down_late_does_not_hold_yet() -> None:
    """The newest row that could be read wins, not the newest row."""
    rows = [fact(DAY, income=100), fact(HOUR, read=-1, income=200)]
    assert value(world(facts=rows), attribute(FACTS, FACTS["income"])) == 1.0


def test_of_two_facts_valid_from_one_instant_the_later_readable_holds() -> None:
    """Equal valid_from: the row that could be read later is the newer one."""
    rows = [fact(DAY, read=HOUR, income=100), fact(DAY, read=DAY, income=200)]
    assert value(world(facts=rows), attribute(FACTS, FACTS["income"])) == 1.0


def test_the_newest_fact_answers_even_with_null() -> None:
    """An attribute is the value of the newest row, not the newest value."""
    rows = [fact(DAY, city="app"), fact(HOUR, city=None)]
    assert value(world(facts=rows), attribute(FACTS, FACTS["city"])) is None


def test_the_last_value_skips_rows_without_one() -> None:
    """`last` is the newest value, not the value of the newest row."""
    rows = [event(DAY, channel="app"), event(HOUR)]
    assert value(world(rows), last(LOG, LOG["channel"])) == "app"


def test_a_late_column_of_the_application_is_null_until_known() -> None:
    """The application's own row may hold what was written into it after the decision."""
    points = own(APPLICATIONS, APPLICATIONS["points"])
    assert value(world(points=3, answered=T + 1), points) is None
    assert value(world(points=3, answered=T), points) == 3


def test_times_become_days_before_the_application() -> None:
    """A time is read as its age in days of 24 hours."""
    rows = [event(3 * DAY, due=T - 12 * HOUR), event(DAY)]
    assert value(world(rows), last(LOG, LOG["due"])) == 0.5
    assert value(world(rows), since_last(LOG)) == 1
    assert value(world(rows), since_first(LOG)) == 3
    assert value(world(birth=T - 10 * DAY), own(APPLICATIONS, APPLICATIONS["birth"])) == 10


def test_a_share_leaves_out_rows_for_which_the_answer_is_not_known() -> None:
    """Yes over yes and no: an unknown answer is neither."""
    rows = [event(DAY, ok=True), event(DAY, ok=False), event(DAY), event(DAY)]
    assert value(world(rows), share(LOG, LOG["ok"])) == 0.5


def test_a_condition_not_known_lets_no_row_in() -> None:
    """`where` keeps rows for which the answer is yes."""
    rows = [event(DAY, ok=True), event(DAY)]
    assert value(world(rows), count(LOG, where=LOG["ok"])) == 1
    assert value(world(rows), count(LOG, where=~LOG["ok"])) == 0


def test_a_level_never_seen_is_a_level_of_its_own() -> None:
    """Rule 5: an unknown category is no error and no null."""
    rows = [event(DAY, channel="never seen"), event(DAY, channel="app")]
    newest = last(LOG, LOG["channel"], where=LOG["channel"] != "app")
    assert value(world(rows), newest) == "never seen"


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_those_of_the_named_zone(zone: str) -> None:
    """Two instants an hour apart are one active day or two, as the zone's calendar says."""
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

    midnight = datetime(2023, 11, 10, tzinfo=ZoneInfo(zone)).timestamp()
    ago = T - round(midnight * 1_000_000)
    around = [event(ago + HOUR // 2), event(ago - HOUR // 2)]
    within = [event(ago - HOUR // 2), event(ago - HOUR)]
    assert timedelta(microseconds=ago) > timedelta(days=1)
    assert value(world(around), active_days(LOG, zone=zone, over=EVER)) == 2
    assert value(world(within), active_days(LOG, zone=zone, over=EVER)) == 1


def _at(world_: World, at: int) -> World:
    return replace(world_, applications=tuple(replace(a, as_of=at) for a in world_.applications))


def _rewritten(rows: tuple[Row, ...], at: int, noise: Row) -> tuple[Row, ...]:
    return tuple(
        replace(row, cells=noise.cells, time=row.time + DAY) if row.time >= at else row
        for row in rows
    )


@given(worlds(), wishes(most=6))
@settings(max_examples=40)
def test_rewriting_every_row_at_or_after_the_application_changes_nothing(
    given_world: World, features: list[Feature]
) -> None:
    """Whatever is written into later rows, the past's values stay to the last bit."""
    at = given_world.applications[0].as_of
    now = _at(given_world, at)
    noise = event(0, amount=7, units=7, score=0.7, channel="shop", ok=True, due=1, settled=1)
    later = replace(now, log=tuple(_rewritten(rows, at, noise) for rows in now.log))
    assert fast(later, features) == fast(now, features)


@given(worlds(), wishes(most=6))
@settings(max_examples=40)
def test_deleting_every_row_not_readable_yet_changes_nothing(
    given_world: World, features: list[Feature]
) -> None:
    """What could not be read at T might as well not exist."""
    at = given_world.applications[0].as_of
    now = _at(given_world, at)
    gone = replace(
        now,
        log=tuple(tuple(r for r in rows if r.available <= at) for rows in now.log),
        facts=tuple(tuple(r for r in rows if r.available <= at) for rows in now.facts),
    )
    assert fast(gone, features) == fast(now, features)


def test_the_largest_of_late_readable_rows_is_not_seen_early() -> None:
    """Each of several applications of one customer sees its own past."""
    rows = [event(2 * DAY, amount=100), event(DAY, read=0, amount=900)]
    given_world = world(rows)
    early = replace(given_world.applications[0], as_of=T - HOUR)
    both = replace(given_world, applications=(early, *given_world.applications))
    biggest = maximum(LOG, AMOUNT)
    assert [each[biggest.name] for each in values(both, biggest)] == [1.0, 9.0]
