"""One event, its repetitions and its corrections."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvent.errors import TooManyRowsError
from solvent.features import DAY, HOUR, count, days, last, total, versions
from tests.features.cases import event, value, values, world
from tests.features.worlds import LOG, Row, encode_rows

AMOUNT = LOG["amount"]
SUM, COUNT, LAST = total(LOG, AMOUNT), count(LOG), last(LOG, AMOUNT)


def _sum_and_count(*rows: Row) -> tuple[object, object]:
    found = values(world(rows), SUM, COUNT)[0]
    return found[SUM.name], found[COUNT.name]


def test_the_same_body_twice_is_one_event() -> None:
    """A file sent twice does not double a customer's behaviour."""
    assert _sum_and_count(*[event(DAY, id=1, amount=100)] * 3) == (1, 1)


def test_null_equals_null_in_a_body() -> None:
    """Two rows of one id which both lack the value are one event."""
    rows = [event(DAY, id=1, read=read) for read in (DAY, HOUR)]
    for name in ("amount", "score", "channel", "ok", "due"):
        assert value(world(rows), count(LOG, where=LOG[name].is_missing())) == 1


def test_a_repetition_is_known_from_its_first_row_on() -> None:
    """Reading an event again tomorrow does not make it unknown today."""
    early, late = (event(DAY, id=1, amount=100, read=read) for read in (HOUR, -HOUR))
    assert _sum_and_count(early, late) == (1, 1)


def test_without_an_id_every_row_counts() -> None:
    """Two equal rows of a log that names no event are two events."""
    rows = [event(DAY, amount=100)] * 2
    assert value(world(rows, ids=False), SUM) == 2
    assert value(world(rows), SUM) == 2, "nor does a missing id make two rows one event"


def test_a_correction_replaces_its_forerunner_once_it_could_be_read() -> None:
    """Until the correction is readable, the first version is what was known."""
    first = event(DAY, id=1, amount=100)
    assert _sum_and_count(first, event(DAY, id=1, amount=300, read=0)) == (3, 1)
    assert _sum_and_count(first, event(DAY, id=1, amount=300, read=-1)) == (1, 1)


def test_a_correction_may_move_an_event_out_of_the_window() -> None:
    """A version whose time is outside counts nowhere, and neither does its forerunner."""
    week = count(LOG, over=days(7))
    first, moved = event(DAY, id=1), event(30 * DAY, id=1, read=HOUR)
    assert value(world([first, moved]), week) == 0
    assert value(world([first, moved]), COUNT) == 1
    cancelled = event(-DAY, id=1, read=HOUR)
    assert value(world([first, cancelled]), COUNT) == 0


def test_a_correction_back_to_the_first_body_counts_as_the_first() -> None:
    """100, then 300, then 100 again: the newest version says 100."""
    versions_ = [event(DAY, id=1, amount=a, read=r) for a, r in ((100, DAY), (300, 9), (100, 3))]
    assert _sum_and_count(*versions_) == (1, 1)
    assert _sum_and_count(*versions_[:2]) == (3, 1)


def test_a_column_no_feature_reads_makes_no_correction() -> None:
    """The body is the time and the columns the program reads: a remark's change is none."""
    rows = [event(DAY, id=1, amount=100, fee=1), event(DAY, id=1, amount=100, fee=2, read=-1)]
    assert _sum_and_count(*rows) == (1, 1)


def test_one_id_of_two_customers_is_two_events() -> None:
    """An id names an event within its customer only."""
    rows = (event(DAY, id=7, amount=100),)
    one = world(rows)
    both = replace(
        one, log=(rows, rows), facts=((), ()),
        applications=(one.applications[0], replace(one.applications[0], entity=1)),
    )  # fmt: skip
    assert [each[COUNT.name] for each in values(both, COUNT)] == [1, 1]


def test_ids_and_bodies_are_compared_part_by_part() -> None:
    """No key is glued together: ("1", 11) and ("11", 1) stay two events."""
    rows = [event(DAY, id="1", amount=1100), event(DAY, id="11", amount=100)]
    assert _sum_and_count(*rows) == (12, 2)
    one = world([event(DAY, id="1", channel="app")])
    two = replace(one, log=((event(DAY, id="1", channel="app"),), ()), facts=((), ()))
    assert values(two, COUNT) == values(one, COUNT)


@pytest.mark.parametrize("ids", [(1, 2**62), ("a", "b"), ("ä", "B"), (-(2**62), 0)])
def test_ids_may_be_any_numbers_or_words(ids: tuple[int | str, int | str]) -> None:
    """Large, negative and foreign ids name events as well as small ones."""
    rows = [event(DAY, id=each, amount=100) for each in ids for _ in range(2)]
    assert _sum_and_count(*rows) == (2, 2)


def test_of_two_versions_readable_at_once_one_counts_whatever_the_order() -> None:
    """Two bodies with one available time: the later time, then the larger body, wins."""
    small, large = (event(DAY, id=1, amount=a, read=HOUR) for a in (100, 300))
    assert value(world([small, large]), LAST) == value(world([large, small]), LAST) == 3


def test_one_zero_is_as_good_as_the_other() -> None:
    """0.0 and -0.0 are one body: no correction, and one event."""
    score = LOG["score"]
    for first, second in ((0.0, -0.0), (-0.0, 0.0)):
        rows = [event(DAY, id=1, score=first), event(DAY, id=1, score=second, read=HOUR)]
        assert value(world(rows), count(LOG, where=score.is_missing() | (score == 0))) == 1


def test_a_customer_with_too_many_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond MAX_ROWS exact arithmetic would not be exact; the source is named."""
    monkeypatch.setattr(versions, "MAX_ROWS", 3)
    rows = [event(DAY, id=i) for i in range(4)]
    assert len(versions.sort_rows(encode_rows(LOG, [rows[:3]]), (), source="log").rows) == 3
    with pytest.raises(TooManyRowsError, match="more than 3 rows") as caught:
        versions.sort_rows(encode_rows(LOG, [rows]), (), source="log")
    assert caught.value.field == "log"
    assert "key column" in caught.value.hint


def test_sorting_leaves_sorted_rows_as_they_are() -> None:
    """Rows already in order are handed on, not copied."""
    rows = encode_rows(LOG, [[event(ago) for ago in (9, 8, 7)]], seed=0)
    order = np.argsort(rows.time)
    straight = replace(rows, time=rows.time[order], available=rows.available[order])
    assert versions.sort_rows(straight, (), source="log").rows is straight
