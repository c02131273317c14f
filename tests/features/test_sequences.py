"""Order, gaps, streaks, levels, quantiles, trends, the latest rows: against oracles and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from solvent.errors import DeclarationError, ExpressionError
from solvent.features import (
    DAY,
    EVER,
    HOUR,
    Aggregate,
    Feature,
    active_months,
    active_streak,
    behaviour,
    count,
    days,
    difference,
    entropy,
    first,
    last,
    longest_gap,
    longest_streak,
    mean,
    mean_gap,
    median,
    minutes,
    months,
    most_common,
    night_share,
    quantile,
    ratio,
    sessions,
    share,
    shares,
    shortest_gap,
    since_first,
    std,
    std_gap,
    total,
    trend,
    weekend_share,
    zscore,
)
from tests.features.cases import T, event, value, world
from tests.features.worlds import FACTS, LOG, Row, World

AGES = (1, 2, 4, 8, 16)


def rows(*cells: float | str | bool | None, column: str = "amount") -> World:
    """Events 1, 2, 4 ... days old with one cell each, newest first."""
    return world([event(2**i * DAY, id=i + 1, **{column: cell}) for i, cell in enumerate(cells)])


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=30), st.floats(0, 1))
def test_a_quantile_is_numpys(cents: list[int], q: float) -> None:
    """Exact values, between neighbours, as numpy's linear method, to the last digits."""
    given_world = world([event(i * HOUR + 1, id=i, amount=cell) for i, cell in enumerate(cents)])
    told = value(given_world, quantile(LOG, LOG["amount"], q))
    assert told == pytest.approx(float(np.quantile(np.array(cents) / 100, q)), rel=1e-12, abs=1e-9)


def test_the_median_of_no_rows_is_unknown() -> None:
    """No known value has no middle."""
    assert value(rows(None, None), median(LOG, LOG["amount"])) is None


@given(st.lists(st.tuples(st.integers(1, 10**4), st.floats(-1e4, 1e4)), min_size=2, max_size=30))
def test_a_trend_is_scipys_slope(points: list[tuple[int, float]]) -> None:
    """Least squares over time, per day; rising values have a positive one."""
    ages = np.array([hours for hours, _ in points]) / 24
    told = value(
        world([event(hours * HOUR, id=i, score=x) for i, (hours, x) in enumerate(points)]),
        trend(LOG, LOG["score"]),
    )
    if len(set(ages)) < 2:
        assert told is None
        return
    expected = stats.linregress(-ages, [x for _, x in points]).slope
    assert told == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_trend_needs_two_points_in_time() -> None:
    """One row, or two at one instant, have no direction."""
    tied = world([event(DAY, id=1, score=1.0), event(DAY, id=2, score=5.0)])
    assert value(tied, trend(LOG, LOG["score"])) is None
    assert value(rows(3, 2, 1), trend(LOG, LOG["amount"])) > 0.0
    assert trend(LOG, LOG["amount"]).unit == "BRL per day"


@given(st.lists(st.sampled_from(("app", "web", "shop")), min_size=1, max_size=40))
def test_entropy_is_scipys(levels: list[str]) -> None:
    """Shannon's entropy of the shares, in nats."""
    given_world = world([event(i + 1, id=i, channel=level) for i, level in enumerate(levels)])
    expected = stats.entropy([levels.count(level) for level in set(levels)])
    told = value(given_world, entropy(LOG, LOG["channel"]))
    assert told == pytest.approx(float(expected), abs=1e-12)
    assert (told == 0.0) == (len(set(levels)) == 1)


def test_of_two_levels_as_common_the_one_seen_last_is_told() -> None:
    """Ties are settled by time, never by how a feeder numbers its labels."""
    told = value(
        rows("web", "app", "app", "web", column="channel"), most_common(LOG, LOG["channel"])
    )
    assert told == "web"
    assert value(rows(500, 700, 700), most_common(LOG, LOG["amount"])) == 7.0
    assert (
        value(rows(None, None, "app", column="channel"), most_common(LOG, LOG["channel"])) == "app"
    )


def test_first_is_the_oldest_known_value_in_the_window() -> None:
    """A longer window reaches further back; a null is passed over."""
    given_world = rows(100, 200, None, 400)
    assert value(given_world, first(LOG, LOG["amount"], over=days(5))) == 2.0
    assert value(given_world, first(LOG, LOG["amount"])) == 4.0
    assert value(rows("web", "app", column="channel"), first(LOG, LOG["channel"])) == "app"


def test_sessions_part_where_the_pause_is_longer_than_the_gap() -> None:
    """A pause of exactly the gap is still the same session."""
    hour = sessions(LOG, gap=minutes(60))
    times = (1, HOUR + 1, 2 * HOUR + 2, 9 * HOUR)
    given_world = world([event(ago, id=i) for i, ago in enumerate(times)])
    assert value(given_world, hour) == 3.0
    assert value(world([]), hour) == 0.0
    assert hour.name == "log_sessions_1h"


def test_gaps_are_days_between_neighbours() -> None:
    """Ages 1, 2, 4, 8 and 16 days: gaps of 1, 2, 4 and 8."""
    given_world = rows(1, 1, 1, 1, 1)
    assert value(given_world, mean_gap(LOG)) == 3.75
    assert value(given_world, shortest_gap(LOG)) == 1.0
    assert value(given_world, longest_gap(LOG)) == 8.0
    assert value(given_world, longest_gap(LOG, over=days(9))) == 4.0
    assert value(given_world, std_gap(LOG)) == pytest.approx(float(np.std([1, 2, 4, 8], ddof=1)))
    assert value(given_world, mean_gap(LOG, newest=3)) == 1.5
    assert value(rows(1), mean_gap(LOG)) is None
    assert value(rows(1, 1), std_gap(LOG)) is None


def test_a_streak_is_broken_by_a_no_and_not_by_what_is_unknown() -> None:
    """Newest first: yes, unknown, yes, no, yes."""
    told = rows(True, None, True, False, True, column="ok")
    assert value(told, longest_streak(LOG, LOG["ok"])) == 2.0
    assert value(told, longest_streak(LOG, LOG["ok"], over=days(1.5))) == 1.0
    assert value(rows(False, column="ok"), longest_streak(LOG, LOG["ok"])) == 0.0


def test_an_active_streak_counts_calendar_days_in_a_row() -> None:
    """Three days with rows, a day without, one more: repeats within a day count once."""
    ages = (0.1, 0.2, 1, 2, 4)
    given_world = world([event(int(age * DAY) + 1, id=i) for i, age in enumerate(ages)])
    assert value(given_world, active_streak(LOG, zone="UTC")) in {3.0, 4.0}
    noon = T // DAY * DAY + DAY // 2
    exact = world([event(T - noon + day * DAY, id=day) for day in (0, 1, 2, 4)])
    assert value(exact, active_streak(LOG, zone="UTC")) == 3.0


def test_a_leap_day_and_a_change_of_clocks_are_days_of_their_own() -> None:
    """28 and 29 February and 1 March 2000 follow each other, as do the days round a short night."""
    old = (951_739_200, 951_825_600, 951_912_000)  # 28 Feb, 29 Feb, 1 Mar 2000, UTC noon
    told = world([event(T - s * 1_000_000, id=s) for s in old])
    assert value(told, active_streak(LOG, zone="UTC")) == 3.0
    assert value(told, active_months(LOG, zone="UTC")) == 2.0
    madrid = (1_679_698_800, 1_679_785_200, 1_679_868_000)  # midnights of 25, 26 and 27 March 2023
    short = world([event(T - s * 1_000_000, id=s) for s in madrid])
    assert value(short, active_streak(LOG, zone="Europe/Madrid")) == 3.0


def test_night_and_weekend_are_told_by_the_declared_clock() -> None:
    """Saturday 23:30 in Madrid is night and weekend there, and neither night in New York."""
    saturday = 1_688_851_800_000_000  # 2023-07-08 21:30 UTC
    late = world([event(T - saturday, id=1)])
    assert value(late, night_share(LOG, zone="Europe/Madrid")) == 1.0
    assert value(late, night_share(LOG, zone="America/New_York")) == 0.0
    assert value(late, weekend_share(LOG, zone="Europe/Madrid")) == 1.0
    assert value(late, night_share(LOG, zone="UTC", begins=20, ends=22)) == 1.0


def test_the_latest_rows_are_those_that_meet_the_condition() -> None:
    """The newest two in the app, whatever stands between them."""
    cells = (("app", 100), ("web", 900), ("app", None), ("app", 300))
    given_world = world(
        [event(2**i * DAY, id=i, channel=c, amount=a) for i, (c, a) in enumerate(cells)]
    )
    app = LOG["channel"] == "app"
    assert value(given_world, count(LOG, where=app, newest=2)) == 2.0
    assert value(given_world, total(LOG, LOG["amount"], where=app, newest=2)) == 1.0
    assert value(given_world, mean(LOG, LOG["amount"], where=app, newest=3)) == 2.0
    assert value(given_world, share(LOG, app, newest=2)) == 0.5
    assert value(given_world, since_first(LOG, newest=2)) == 2.0


def test_a_value_is_told_against_its_own_history() -> None:
    """(latest - mean) / spread; unknown where the history never varies."""
    amount = LOG["amount"]
    told = zscore(last(LOG, amount), mean(LOG, amount), std(LOG, amount))
    cells = np.array([9.0, 1.0, 2.0, 3.0])
    expected = (9.0 - cells.mean()) / cells.std(ddof=1)
    assert value(rows(900, 100, 200, 300), told) == pytest.approx(expected)
    assert value(rows(100, 100), told) is None
    assert (
        value(rows(900, 100), difference(mean(LOG, amount, over=days(1)), mean(LOG, amount))) == 4.0
    )


def test_shares_are_told_of_each_level() -> None:
    """Of the declared levels where none is named; their sum misses what no level names."""
    told = shares(LOG, LOG["channel"])
    assert [feature.name for feature in told] == [
        "log_share_channel_is_app",
        "log_share_channel_is_web",
    ]
    assert value(rows("app", "shop", column="channel"), told[0]) == 0.5
    with pytest.raises(DeclarationError, match="levels"):
        shares(LOG, LOG["reason"])


@pytest.mark.parametrize(
    ("feature", "name", "title"),
    [
        (median(LOG, LOG["amount"]), "log_amount_median", "Log rows: median amount, so far (BRL)"),
        (quantile(LOG, LOG["score"], 0.975), "log_score_q97_5",
         "Log rows: 97.5th percentile of score, so far"),
        (sessions(LOG, gap=minutes(30), over=days(7)), "log_sessions_30min_7d",
         "Sessions of log rows, 30 minutes apart, last 7 days"),
        (mean(LOG, LOG["amount"], newest=3), "log_amount_mean_newest_3",
         "Latest 3 log rows: mean amount, so far (BRL)"),
        (longest_streak(LOG, LOG["ok"]), "log_ok_streak",
         "Log rows: longest streak in which ok is yes, so far"),
        (count(LOG, over=months(3)), "log_count_3mo", "Log rows in the last 3 months"),
        (active_months(LOG, zone="UTC"), "log_active_months", "Months with log rows so far"),
        (active_streak(LOG, zone="UTC", over=days(30)), "log_active_streak_30d",
         "Most days in a row with log rows in the last 30 days"),
        (mean_gap(LOG), "log_mean_gap", "Mean time between log rows so far (days)"),
    ],
)  # fmt: skip
def test_each_is_named_and_titled(feature: Aggregate, name: str, title: str) -> None:
    """A name for the machine, a title for a person."""
    assert (feature.name, feature.title) == (name, title)
    assert feature.describe()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: quantile(LOG, LOG["amount"], 1.5),
        lambda: quantile(LOG, LOG["amount"], math.nan),
        lambda: trend(LOG, LOG["channel"]),
        lambda: entropy(LOG, LOG["score"]),
        lambda: most_common(LOG, LOG["closed"]),
        lambda: longest_streak(LOG, LOG["amount"]),
        lambda: sessions(LOG, gap=EVER),
        lambda: sessions(LOG, gap=30),  # type: ignore[arg-type]
        lambda: mean(LOG, LOG["amount"], newest=-1),
        lambda: mean(LOG, LOG["amount"], newest=2.5),  # type: ignore[arg-type]
        lambda: count(FACTS, newest=2),  # type: ignore[arg-type]
        lambda: zscore(last(LOG, LOG["amount"]), mean(LOG, LOG["amount"]), count(LOG)),
        lambda: zscore(last(LOG, LOG["channel"]), count(LOG), std(LOG, LOG["amount"])),
        lambda: difference(mean(LOG, LOG["amount"]), count(LOG)),
        lambda: difference(ratio(count(LOG), count(LOG)), count(LOG)),
        lambda: active_streak(LOG, zone="Nowhere/Atall"),
        lambda: months(0),
        lambda: behaviour(LOG, rich=True, only=("nothing",)),
    ],
)
def test_what_means_nothing_is_refused(wrong: object) -> None:
    """With the field and a hint, before any data is read."""
    with pytest.raises((DeclarationError, ExpressionError)) as caught:
        wrong()  # type: ignore[operator]
    assert caught.value.hint


def test_rich_behaviour_is_behaviour_and_more() -> None:
    """Every plain feature is there, every op that fits a log is there, each name once."""
    plain, rich = behaviour(LOG), behaviour(LOG, rich=True)
    names = [feature.name for feature in rich]
    assert [feature.name for feature in plain] == names[: len(plain)]
    assert len(set(names)) == len(names)
    assert len(rich) > 2 * len(plain)
    ops = {part.op for feature in rich for part in parts(feature)}
    assert {"trend", "quantile", "entropy", "most_common", "first", "sessions", "streak",
            "active_streak", "mean_gap", "std_gap", "longest_gap"} <= ops  # fmt: skip


def parts(feature: Feature) -> list[Aggregate]:
    """The aggregates a feature is made of."""
    if isinstance(feature, Aggregate):
        return [feature]
    return [part for each in feature.parts for part in parts(each)]


def test_cells_are_rows() -> None:
    """The helper's newest row is its first cell."""
    row = rows(100, 200).log[0][0]
    assert isinstance(row, Row)
    assert row.cells["amount"] == 100
