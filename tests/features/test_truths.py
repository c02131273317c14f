"""Yes, no and not known: Kleene's rules, for every pair."""

from __future__ import annotations

import pytest

from solvent.features import DAY, Expression, count, share
from tests.features.cases import T, event, value, world
from tests.features.worlds import LOG, Cell

OK, GOOD, CHANNEL, SCORE = LOG["ok"], LOG["good"], LOG["channel"], LOG["score"]
TRUTHS = (True, False, None)


def _answer(asked: Expression, **cells: Cell) -> bool | None:
    """What a question answers for one row: `share` is 1, 0 or null there."""
    told = value(world([event(DAY, paid=T, **cells)]), share(LOG, asked))
    return None if told is None else told == 1


@pytest.mark.parametrize("left", TRUTHS)
@pytest.mark.parametrize("right", TRUTHS)
def test_and_or_settle_what_one_side_settles(left: bool | None, right: bool | None) -> None:
    """One no settles `and`, one yes settles `or`; otherwise null on either side is null."""
    both = False if False in {left, right} else (None if None in {left, right} else True)
    either = True if True in {left, right} else (None if None in {left, right} else False)
    assert _answer(OK & GOOD, ok=left, good=right) is both
    assert _answer(OK | GOOD, ok=left, good=right) is either
    assert _answer(~OK, ok=left) is (None if left is None else not left)


def test_a_constant_may_stand_in_a_condition() -> None:
    """`ok & True` is `ok`, `ok | True` is yes."""
    for ok in TRUTHS:
        assert _answer(OK & True, ok=ok) is ok  # type: ignore[operator]
        assert _answer(OK | True, ok=ok) is True  # type: ignore[operator]


def test_a_question_about_null_is_not_known() -> None:
    """Neither `is` nor `is not` nor `is one of` holds for a missing level or number."""
    for asked in (CHANNEL == "app", CHANNEL != "app", CHANNEL.is_in("app"), SCORE > 0, SCORE != 0):
        assert _answer(asked, channel=None, score=None) is None
        assert _answer(asked.is_missing(), channel=None, score=None) is True


def test_a_level_nobody_declared_or_saw_is_never_met() -> None:
    """Asking for an unknown level answers no, for every row with a level."""
    assert _answer(CHANNEL == "nowhere", channel="app") is False
    assert _answer(CHANNEL != "nowhere", channel="app") is True
    assert _answer(CHANNEL.is_in("nowhere", "app"), channel="app") is True


def test_amounts_of_two_scales_are_compared_in_whole_units() -> None:
    """1.00 in cents equals 1.000 in thousandths, and equals the number 1."""
    amount, fee = LOG["amount"], LOG["fee"]
    assert _answer(amount == fee, amount=100, fee=1000) is True
    assert _answer(amount < fee, amount=100, fee=1001) is True
    assert _answer(amount == 1, amount=100) is True
    assert _answer(amount > 0.1, amount=10) is False


def test_a_condition_no_row_meets_leaves_nothing_to_count() -> None:
    """A question not known for any row counts none."""
    assert value(world([event(DAY), event(DAY)]), count(LOG, where=OK | ~OK)) == 0
