"""Local calendars, many instants at once, against Python's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.errors import ExpressionError
from solvent.features.zones import check_zone, local_parts, offsets

ZONES = (
    "UTC", "Europe/Madrid", "Africa/Casablanca", "Australia/Lord_Howe", "America/Sao_Paulo",
    "Asia/Kathmandu", "Africa/Lagos", "America/New_York", "Pacific/Apia", "Asia/Tehran",
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC) - EPOCH for year in (1971, 2100))
INSTANTS = st.timedeltas(FIRST, LAST - timedelta(microseconds=1)).map(lambda gap: EPOCH + gap)


def _microseconds(moment: datetime) -> int:
    gap = moment - EPOCH
    return (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds


@given(st.lists(INSTANTS, min_size=1, max_size=40), st.sampled_from(ZONES))
@settings(max_examples=120)
def test_parts_equal_those_of_datetime(moments: list[datetime], zone: str) -> None:
    """Hour, weekday, day of the month and day are those of `datetime.astimezone`."""
    times = np.array([_microseconds(moment) for moment in moments], np.int64)
    local = [moment.astimezone(ZoneInfo(zone)) for moment in moments]
    assert local_parts(times, zone, "hour").tolist() == [each.hour for each in local]
    assert local_parts(times, zone, "weekday").tolist() == [each.weekday() for each in local]
    assert local_parts(times, zone, "day_of_month").tolist() == [each.day for each in local]
    days = [each.date().toordinal() - EPOCH.date().toordinal() for each in local]
    assert local_parts(times, zone, "day").tolist() == days


@pytest.mark.parametrize(
    ("zone", "instant", "before", "after"),
    [
        ("Europe/Madrid", datetime(2024, 3, 31, 1, tzinfo=UTC), 1.0, 2.0),
        ("Australia/Lord_Howe", datetime(2024, 4, 6, 15, tzinfo=UTC), 11.0, 10.5),
        ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC), -3.0, -2.0),
        ("Africa/Casablanca", datetime(2024, 3, 10, 2, tzinfo=UTC), 1.0, 0.0),
        ("Asia/Kathmandu", datetime(1985, 12, 31, 18, 30, tzinfo=UTC), 5.5, 5.75),
    ],
)
def test_a_change_of_clock_falls_on_its_microsecond(
    zone: str, instant: datetime, before: float, after: float
) -> None:
    """The offset changes at the published instant, not a microsecond earlier."""
    at = _microseconds(instant)
    found = offsets(np.array([at - 1, at], np.int64), zone) / 3_600_000_000
    assert found.tolist() == [before, after]


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe", "../etc", "a\0b", "x" * 300])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    """No zone of that name: the field and an example are told."""
    with pytest.raises(ExpressionError, match="there is no time zone") as caught:
        check_zone(zone)
    assert caught.value.field == "zone"
    assert "Africa/Lagos" in caught.value.hint
