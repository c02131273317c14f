# ruff: noqa: DTZ001 - wall times carry no zone: what these tests are about
"""One value that arrives as JSON is typed as `sources` types it in a file, or refused."""

from __future__ import annotations

import csv
import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solvent.errors import DataError, DeclarationError, ExpressionError, ZoneError
from solvent.features import DAY, ColumnType, Kind, category, flag, instant, integer, money, number
from solvent.features import cells as room
from solvent.features import date as day
from solvent.features.cells import LONGEST_NAME, check_format, read_cell, read_name, read_time
from solvent.features.rows import MAX_EXACT, known_name
from solvent.sources import refused_rows, times
from tests.sources.tables import applications, events, opened, rows, write_parquet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
QUIET = "Asia/Kathmandu"  # its clock hardly ever changed, so DuckDB plans its query fast
ZONES = ("UTC", "Europe/Madrid", "America/Sao_Paulo", "Africa/Casablanca", QUIET)
Outcome = tuple[str, object]
"""("value", ...) or ("refused", reason)."""

ODD_NUMBERS = (
    " 12 ", "+5", "-5", "1e3", "1E+3", "1.e3", ".5", "5.", "+.5", "-.5", ".", "-", "+", "1_000",
    "\u0663", "\uff11", "\xbd", "inf", "-Infinity", "\u0130nf", "NaN", "nan", "", " ", "\t\r\n",
    "1 234", "1,5", "1.234,50", "--1", "1.2.3", "0x1", "-0", "-0.0", "1e400", "-1e400", "1e-400",
    "4e-324", "1234.565", "1234.5600", "12.0", "12.5", "0" * 40 + "7.00", "9" * 30,
    "9" * 30 + ".5", "1" * 400, "0." + "0" * 397 + "1", "1099511627776", "1099511627777",
    "-1099511627776", "10995116277.76", "10995116277.77", "99999999999999.999", "true",
    "9007199254740993", "0.1", "2.5e-8", "1e5 ", "\x0b12", "\xa012", "NA", "n/a", "-999",
)  # fmt: skip
ODD_TEXTS = (
    "a", " a ", "A\xe7\xfacar", "a\0b", "Y", "y", "yes", " YES ", "no", "1", "1.0", "0", "TRUE",
    "\u0130", "\u039f\u03a3", " NA ", "N\xc3", "\U0001f600", "e\u0301", "\ufeffy", "\xa0y",
)  # fmt: skip
ODD_TIMES = (
    "2024-02-30", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2024-13-01",
    "2024-00-10", "2024-05-00", "0000-01-01", "0000-12-31T23:00-05:00", "0001-01-01",
    "0001-01-01T00:00+05:00", "0001-01-01T00:00-05:00", "0000-02-29T23:00-19:59", "9999-12-31",
    "9999-12-31T23:59:59.999999", "9999-12-31T23:00-19:59", "2024-05-01T13:45Z", "2024-05-01Z",
    "2024-05-01 13:45 UTC", "2024-05-01 13:45:00UTC", "2024-05-01 13:45:10.1234567",
    "2024-05-01 13:45:10.9999999", "1965-01-01 00:00:00.9999999", "1965-01-01T00:00:00.1",
    "2024-05-01 13:45:10.", "2024-05-01 13:45:10." + "1" * 60, "2024-05-01T10:30+02",
    "2024-05-01T10:30:00+02:00", "2024-05-01T10:30:00 +0200", "2024-05-01T10:30:00 -03:30",
    "2024-05-01T10:30:00+19:59", "2024-05-01T10:30:00-19:59", "2024-05-01T10:30:00+20:00",
    "2024-05-01T10:30:00+02:60", "2024-05-01T10:30:00  +02:00", "2024-05-01+02:00",
    "2024-05-01T24:00", "2024-05-01 24:00:00.0000009", "2024-05-01 24:00:00.5",
    "2024-05-01 24:01", "2024-05-01T24:00+02:00", "2024-05-01 25:00", "2024-05-01 23:59:60",
    "2024-05-01 10:60", "2024-05-01 10", "2024-5-1", "20240501", "2024/05/01", "01/05/2024",
    "yesterday", "infinity", "-infinity", "epoch", "now", "2024-05-01 (BC)", "+2024-05-01",
    "2024-05-01 10:00 CET", "2024-05-01 10:00 Europe/Madrid", "2024-05-01T10:00z",
    "2024-05-01t10:00", "\u0662024-05-01", " 2024-05-01 ", "2024-05-01\t10:00", "", " ",
    "2024-05-01 10:00\n", "2024-05-01 10:00:00,5", "12024-05-01", "2024-05-01 10:00-00:00",
)  # fmt: skip
MISSING = ("NA", "n/a", "-999")
DECLARED: Mapping[str, ColumnType] = {
    "money": money(missing=MISSING), "whole money": money(scale=0), "fine money": money(scale=6),
    "integer": integer(missing=MISSING), "number": number(missing=MISSING),
    "category": category(missing=MISSING), "flag": flag(missing=MISSING),
    "sigma": flag(true=("\u039f\u03a3", "i", "S\xcd ", "1.0")),
}  # fmt: skip


def told(read: Callable[[], object]) -> Outcome:
    """What the live path says of a value."""
    try:
        return "value", read()
    except DataError as error:
        return "refused", f"{error.field}: {error.message}" if error.hint else "no hint"


def live(cells: Sequence[object], declared: ColumnType, zone: str | None = None) -> list[Outcome]:
    return [told(lambda: read_cell(cell, declared, zone=zone, field="x")) for cell in cells]  # noqa: B023


def live_times(cells: Sequence[object], declared: ColumnType, zone: str) -> list[Outcome]:
    def read(cell: object) -> tuple[int | None, int | None]:
        moment = read_time(cell, declared, zone=zone, field="x")
        assert read_cell(cell, declared, zone=zone, field="x") == (moment and moment.time)
        return (None, None) if moment is None else (moment.time, moment.known)

    return [told(lambda: read(cell)) for cell in cells]  # noqa: B023


def offline(
    cells: object, declared: ColumnType, *, zone: str = "UTC", as_csv: bool = False
) -> list[Outcome]:
    """What a file with one column of `cells` gives; times with the instant they were known."""
    is_time = declared.kind.is_time
    columns = {"x": declared, **({"waiting": integer(known_at="x")} if is_time else {})}
    names = ("id", "x", *((known_name("x"),) if is_time else ()))
    count = len(cells)  # type: ignore[arg-type]
    listed = {"id": [*range(count)], "user": [1] * count, "x": cells, "waiting": [1] * count}
    with tempfile.TemporaryDirectory() as name:
        if as_csv:
            with (Path(name) / "t.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file, quoting=csv.QUOTE_ALL)
                writer.writerows([listed, *zip(*listed.values(), strict=True)])  # type: ignore[call-overload]
        else:
            write_parquet(Path(name), "t.parquet", listed)
        table = applications(columns, files="t.csv" if as_csv else "t.parquet", zone=zone)
        with opened(table, Path(name)) as one:
            found: dict[int, Outcome] = {
                int(str(row[0])): ("value", row[1:] if is_time else row[1])
                for row in rows(one, *names)
            }
            found |= {row.row - 1: ("refused", row.reason) for row in refused_rows(one)}
    return [found[row] for row in range(count)]


Cells = Sequence[object]
Told = tuple[object, Outcome, Outcome]


def differences(cells: Cells, online: list[Outcome], filed: list[Outcome]) -> list[Told]:
    """The cells which the two paths type differently, be it in the sign of a zero."""
    pairs = zip(cells, online, filed, strict=True)
    return [(cell, one, other) for cell, one, other in pairs if repr(one) != repr(other)]


def refused(value: object, declared: ColumnType, zone: str | None = None) -> str:
    """The reason for which a value is refused."""
    ((kind, reason),) = live([value], declared, zone)
    return str(reason).removeprefix("x: ") if kind == "refused" else "it is not refused"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER_LIKE = st.one_of(
    st.from_regex(r"\A[ ]?[+-]?[0-9]{0,14}\.?[0-9]{0,8}([eE][+-]?[0-9]{1,3})?[ ]?\Z"),
    st.floats(allow_nan=False).map(repr),
    st.decimals(-(10**13), 10**13, places=3, allow_nan=False).map(str),
    TEXTS,
)


@pytest.mark.parametrize("name", DECLARED)
@pytest.mark.parametrize("as_csv", [False, True])
def test_odd_text_is_typed_and_refused_in_the_words_of_a_file(name: str, as_csv: bool) -> None:
    cells = [*ODD_NUMBERS, *ODD_TEXTS, *ODD_TIMES]
    filed = offline(cells, DECLARED[name], as_csv=as_csv)
    assert differences(cells, live(cells, DECLARED[name]), filed) == []


@settings(max_examples=10)
@given(cells=st.lists(NUMBER_LIKE, min_size=40, max_size=80), name=st.sampled_from([*DECLARED]))
def test_any_text_is_typed_as_in_a_file(cells: list[str], name: str) -> None:
    assert differences(cells, live(cells, DECLARED[name]), offline(cells, DECLARED[name])) == []


def test_every_sign_of_unicode_has_the_lower_case_that_flags_have_in_a_file() -> None:
    signs = [chr(code) for code in range(1, 0x110000) if not 0xD800 <= code <= 0xDFFF]
    cells = [sign for sign in signs if sign.lower() != sign]
    declared = flag(true=tuple(sign.lower() for sign in cells))
    assert len(cells) > 1300
    assert differences(cells, live(cells, declared), offline(cells, declared)) == []


NUMERIC = [
    money(), money(scale=0), money(scale=6), integer(), number(missing=("3", "0.5")),
    category(missing=("3", "true")), flag(true=("2.5", "1")),
]  # fmt: skip
FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**60), 2**60).map(float),
    st.decimals(-(10**9), 10**9, places=3, allow_nan=False).map(float),
)
ODD_FLOATS = (
    0.0, -0.0, 2.5, 3.0, 1e15, 2.0**53, 2.0**53 - 1, 1e16, 1e-5, 5e-324, 1e300, 1e308, 12.34,
    0.1 + 0.2, 10.255, 1.005, 10995116277.76, 10995116277.77,
)  # fmt: skip


@settings(max_examples=12)
@given(cells=st.lists(FLOATS, min_size=30, max_size=60), declared=st.sampled_from(NUMERIC))
def test_json_floats_are_typed_as_a_files_or_are_money_with_too_many_decimals(
    cells: list[float], declared: ColumnType
) -> None:
    cells += ODD_FLOATS
    sent = [json.loads(json.dumps(cell)) for cell in cells]
    found = differences(cells, live(sent, declared), offline(cells, declared))
    if declared.kind is not Kind.MONEY:
        assert found == []
    # a file's floats take the nearest minor unit within 1e-6; a JSON number means what it says
    assert {one[1] for one in found} <= {("refused", "x: more decimals than scale")}
    assert {one[2][0] for one in found} <= {"value"}


@settings(max_examples=8)
@given(minors=st.lists(st.integers(-MAX_EXACT, MAX_EXACT), min_size=1), scale=st.integers(0, 6))
def test_money_sent_as_a_json_number_is_the_very_minor_unit(minors: list[int], scale: int) -> None:
    cells = [float(Decimal(minor).scaleb(-scale)) for minor in minors]
    assert live(cells, money(scale=scale)) == [("value", minor) for minor in minors]
    assert live(cells, money(scale=scale)) == offline(cells, money(scale=scale))


@pytest.mark.parametrize("declared", NUMERIC)
def test_whole_numbers_truths_and_decimals_are_typed_as_a_files(declared: ColumnType) -> None:
    whole = [0, 1, -1, 3, 2**40, 2**40 + 1, 2**53 + 1, 2**63 - 1, -(2**63), 10995116277, None]
    texts = ("1.10", "-0.5", "7", "3", "10995116277.77", "1e-9", "0")
    fine = [Decimal(text).quantize(Decimal("1e-9")) for text in texts]
    huge = [2**64 + 1, 10**37, 5]
    for cells, kept in (
        (whole, pa.array(whole, pa.int64())),
        ([True, False, None], [True, False, None]),
        (fine, pa.array(fine, pa.decimal128(38, 9))),
        (huge, pa.array([Decimal(one) for one in huge], pa.decimal128(38, 0))),
    ):
        assert differences(cells, live(cells, declared), offline(kept, declared)) == []  # type: ignore[arg-type]


def around_changes(zone: str) -> list[str]:
    """Wall times around the changes of a zone's clock, and the days that hold them."""
    clock, found = ZoneInfo(zone), []
    for passed in range(365 * 130):
        noon = datetime(1905, 1, 1, 12) + timedelta(days=passed)
        if clock.utcoffset(noon) != clock.utcoffset(noon + timedelta(days=1)):
            found += [(noon + timedelta(minutes=30 * step)).isoformat() for step in range(48)]
            found += [f"{noon.date()}", f"{noon.date() + timedelta(days=1)}"]
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("declared", [instant(), day()])
def test_clocks_that_jump_and_repeat_place_a_time_where_a_file_does(
    zone: str, declared: ColumnType
) -> None:
    cells = [*ODD_TIMES, *around_changes(zone)]
    assert len(cells) > 4000 or zone in {"UTC", QUIET, "Africa/Casablanca"}
    filed = offline(cells, declared, zone=zone)
    assert differences(cells, live_times(cells, declared, zone), filed) == []


WALL = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31))
TIME_LIKE = st.one_of(
    st.builds(
        lambda wall, join, zone: wall.isoformat(join, "microseconds") + zone,
        WALL,
        st.sampled_from("T "),
        st.from_regex(r"\A(|Z| UTC| ?[+-][012][0-9](:?[0-6][0-9])?)\Z"),
    ),
    st.from_regex(r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9](:[0-6]0)?)?Z?\Z"),
    TEXTS,
)


@settings(max_examples=8)
@given(cells=st.lists(TIME_LIKE, min_size=40, max_size=80), zone=st.sampled_from(ZONES))
@pytest.mark.parametrize("declared", [instant(), day()])
def test_any_text_of_a_time_is_placed_as_in_a_file(
    cells: list[str], zone: str, declared: ColumnType
) -> None:
    filed = offline(cells, declared, zone=zone)
    assert differences(cells, live_times(cells, declared, zone), filed) == []


PATTERNS = (
    "%Y-%m-%d", "%d/%m/%Y", "%d%b%Y", "%d %B %Y", "%Y%m%d", "%d.%m.%y", "%Y%j", "%y-%j", "%j",
    "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%m/%d/%Y %I:%M %p", "%H %p",
    "%a %d %b %Y", "%A, %d %B %Y", "%Y-%m-%d %H:%M:%S %z", "%Y%m%d%H%M%S", "%-d/%-m/%y %-H:%-M",
    "%d%%%m%%%Y", "%Y\xa0%m", "%Y  %m", "%% %Y", "%%H%Y", "%H:%M", "%I%M%p %d-%m-%Y", " %Y",
    "(%Y) [%m] .%d*", "%Y ", "%b%d%y%H%f",
)  # fmt: skip
BREAKS: tuple[Callable[[str, int, str], str], ...] = (
    lambda text, at, sign: text,
    lambda text, at, sign: text.lower() if at % 2 else text.upper(),
    lambda text, at, sign: text.replace("0", "", 1 + at % 3),
    lambda text, at, sign: text.replace(" ", "\t \x0b", 1 + at % 3),
    lambda text, at, sign: text[:at] + sign + text[at:],
    lambda text, at, sign: text[:at] + text[at + 1 :],
    lambda text, at, sign: text[:at],
)
SIGNS = ("0", "9", " ", "-", ":", "\u0663", "\u017f", "Z", "\x0c")
DICE = st.randoms(use_true_random=True)  # many cheap cells an example, rather than few that shrink


@settings(max_examples=25)
@given(pattern=st.sampled_from(PATTERNS), make=st.sampled_from([instant, day]), dice=DICE)
def test_a_declared_pattern_reads_what_it_reads_in_a_file(
    pattern: str, make: Callable[..., ColumnType], dice: Random
) -> None:
    cells = []
    for _ in range(60):
        wall = datetime(1, 1, 1) + timedelta(seconds=dice.random() * 9998 * 365.2425 * 86_400)
        away = dice.randint(-1439, 1439)
        offset = f"{'-' if away < 0 else '+'}{abs(away) // 60:02}:{abs(away) % 60:02}"
        spelt = pattern.replace("%-", "%").replace("%z", offset).replace("%Y", f"{wall.year:04}")
        text = wall.strftime(spelt)
        cells.append(dice.choice(BREAKS)(text, dice.randint(0, len(text)), dice.choice(SIGNS)))
    declared = make(format=pattern)
    filed = offline(cells, declared, zone=QUIET)
    assert differences(cells, live_times(cells, declared, QUIET), filed) == []


PIECES = [f"%{letter}" for letter in room._DIRECTIVES] + ["%-d", "%-H", "%%", " ", "-", "x", "\xe9"]
SPELT = (  # no offsets of a day and more or with 60 minutes and more: those differ
    "1", "03", "12", "2024", "jan", "March", "PM", "am", "mon", "Friday", "+02", "-03:30", "+0545",
    "%", " ", "  ", "-", "x", "\xe9", "123456",
)  # fmt: skip


@settings(max_examples=25)
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=5), dice=DICE)
def test_any_pattern_that_is_taken_reads_what_it_reads_in_a_file(
    pieces: list[str], dice: Random
) -> None:
    declared = day(format="".join(pieces))
    try:
        check_format(declared, field="x")
    except DeclarationError:
        assume(False)
    cells = ["".join(dice.choices(SPELT, k=dice.randint(1, len(pieces) + 1))) for _ in range(150)]
    filed = offline(cells, declared, zone=QUIET)
    assert differences(cells, live_times(cells, declared, QUIET), filed) == []


@pytest.mark.parametrize("make", [instant, day])
def test_whole_numbers_and_greedy_digits_follow_a_pattern(make: Callable[..., ColumnType]) -> None:
    whole = pa.array([20240501, 20240230, 5, -20240501, 99991231, None], pa.int64())
    texts = pa.array(["12", "123", "1203", "3 sep", "3 \u017fep"])
    for pattern, kept in (("%Y%m%d", whole), ("%d%m", texts), ("%y%d", texts), ("%d %b", texts)):
        cells, declared = kept.to_pylist(), make(format=pattern)
        filed = offline(kept, declared, zone=QUIET)
        assert differences(cells, live_times(cells, declared, QUIET), filed) == []


@pytest.mark.parametrize(
    ("text", "pattern"),
    [("infinity", "%d"), ("epoch", "%Y-%m-%d"), ("-infinity", "%d"), ("05 +02:30:15", "%d %z"),
     ("05 +02:60", "%d %z"), ("05 +24:00", "%d %z")],
)  # fmt: skip
def test_what_duckdb_alone_takes_for_a_time_is_refused(text: str, pattern: str) -> None:
    declared = day(format=pattern)
    assert refused(text, declared, "UTC") == "not a time"
    assert offline([text], declared)[0][0] == "value"  # else it need not be told as a difference


def test_a_day_has_a_clock_where_the_offline_path_says_so() -> None:
    assert room._CLOCK.pattern == times._CLOCK.pattern


def test_keys_are_the_text_that_a_file_gives(tmp_path: Path) -> None:
    texts = [" a ", "7", "007", "\U0001f600", "a\0b", "\t", ""]
    for cells in (texts, [1, -5, 2**62], [1.0, -5.0, -0.0, 2.0**52]):
        columns = {"user": cells, "at": ["2024-05-01"] * len(cells), "n": [*range(len(cells))]}
        write_parquet(tmp_path, "e.parquet", columns)
        with opened(events({"n": integer()}, files="e.parquet", zone="UTC"), tmp_path) as one:
            found = {int(str(n)): ("value", str(key)) for n, key in rows(one, "n", "key")}
            found |= {row.row - 1: ("refused", row.reason) for row in refused_rows(one)}
        online = [told(lambda: read_name(cell, "user")) for cell in cells]  # noqa: B023
        assert online == [found[row] for row in range(len(cells))]


def test_money_counts_minor_units() -> None:
    cells = [12.34, 12, 12.0, -0.01, "12.34", 1e2, Decimal("12.340"), Decimal("1E+2"), 1234567.89]
    expected = [1234, 1200, 1200, -1, 1234, 10000, 1234, 10000, 123456789]
    assert live(cells, money()) == [("value", minor) for minor in expected]


def test_money_finer_than_its_scale_is_refused() -> None:
    for value in (12.345, 0.1 + 0.2, Decimal("0.001"), "0.001", 1e-9):
        assert refused(value, money()) == "more decimals than scale"


def test_whole_numbers_may_come_as_numbers_or_text_but_without_a_fraction() -> None:
    assert live([3, 3.0, "3", Decimal(3), "3.0"], integer()) == [("value", 3)] * 5
    assert {refused(value, integer()) for value in (3.5, "three")} == {"not a whole number"}
    assert {refused(value, integer()) for value in (10**60, 10**5000)} == {"out of range"}


@pytest.mark.parametrize("declared", [money(), integer(), number(), category(), flag()])
def test_a_json_number_that_is_not_finite_is_refused(declared: ColumnType) -> None:
    decimals = [Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity")]
    for value in (math.nan, math.inf, -math.inf, json.loads("1e999"), *decimals):
        assert refused(value, declared) == "not finite"


def test_a_decimal_of_endless_digits_is_refused_before_it_is_written_out() -> None:
    for value in (Decimal("1E+999999"), Decimal("1E-999999"), Decimal("1E+999999999999999999")):
        assert refused(value, number()) == "out of range"


def test_null_and_blank_and_declared_spellings_are_missing_whatever_the_type() -> None:
    cells = [None, "", " \t", "XNA", " XNA ", "365243", 365243, 365243.0, True]
    for make in (money, integer, number, category, flag):
        declared = make(missing=("XNA", "365243", "true"))
        assert live(cells, declared) == [("value", None)] * len(cells)
    for declared in (instant(), day(), instant(format="%d/%m/%Y")):
        assert live([None, " "], declared, "UTC") == [("value", None)] * 2


def test_flags_are_yes_for_true_and_every_declared_spelling() -> None:
    cells = [True, False, "Y", " no", "TRUE", 1, 1.0, 0, 2.5]
    assert [one[1] for one in live(cells, flag())] == [1, 0, 1, 0, 1, 1, 1, 0, 0]
    assert live([True, "s"], flag(true=("S",))) == [("value", 1)] * 2


def test_categories_are_text_and_whole_numbers_lose_their_fraction() -> None:
    cells = [7, 7.0, 2.5, True, False, " a ", Decimal("7.0"), Decimal("-0.0"), -0.0]
    expected = ["7", "7", "2.5", "true", "false", " a ", "7.0", "0.0", "0"]
    assert live(cells, category()) == [("value", text) for text in expected]


@pytest.mark.parametrize("declared", [money(), number(), category(), flag(), instant()])
def test_what_no_file_can_hold_in_a_cell_is_refused(declared: ColumnType) -> None:
    assert refused(json.loads('"\\ud800"'), declared, "UTC") == "not UTF-8 text"
    for value in ([], [1], {}, {"a": 1}, b"1", object()):
        assert refused(value, declared, "UTC") == "not a single value"


@pytest.mark.parametrize("declared", [instant(), day()])
def test_a_bare_day_starts_in_its_zone_and_is_known_from_its_end(declared: ColumnType) -> None:
    moment = read_time("2024-03-31", declared, zone="Europe/Madrid", field="at")
    assert moment is not None
    assert EPOCH + timedelta(microseconds=moment.time) == datetime(2024, 3, 30, 23, tzinfo=UTC)
    assert moment.known - moment.time == DAY * 23 // 24  # the clock goes forward on that day


def test_a_time_with_a_clock_is_known_at_once() -> None:
    for text in ("1970-01-02T00:00", "1970-01-02T00:00Z", "1970-01-02T05:45+05:45"):
        moment = read_time(text, instant(), zone="UTC", field="at")
        assert moment is not None
        assert (moment.time, moment.known) == (DAY, DAY)


@pytest.mark.parametrize(
    ("text", "declared"),
    [("2024-05-01 10:00", instant()), ("2024-05-01", instant()), ("2024-05-01T10:00Z", day()),
     ("01/05/2024", instant(format="%d/%m/%Y"))],
)  # fmt: skip
def test_a_time_without_a_zone_is_refused_where_none_is_declared(
    text: str, declared: ColumnType
) -> None:
    with pytest.raises(ZoneError, match=r"^at: time without a zone\n  hint: .*zone=\"UTC\""):
        read_cell(text, declared, zone=None, field="at")
    assert live(["1970-01-02T02:00+02:00"], instant()) == [("value", DAY)]
    with pytest.raises(ExpressionError):
        read_cell(text, declared, zone="Europe/Nowhere", field="at")


def test_only_whole_numbers_of_64_bits_are_times_and_only_where_a_pattern_says_so() -> None:
    for value in (20240501.0, True, Decimal(20240501), 2**63):
        assert refused(value, instant(format="%Y%m%d"), "UTC") == "not a time"
    assert refused(20240501, instant(), "UTC") == "not a time"


@pytest.mark.parametrize(
    "pattern",
    ["", "x", "%", "%d %", "%Q", "%_d", "%-b", "%-%", "%Z", "%c", "%x", "%X", "%T", "%n", "%g",
     "%U", "%W", "%w", "%u", "%V %G", "%h", "%e", "%d %d", "%Y %y", "%b %m", "%H %I", "%Y %j %m",
     "%j %d", "%H %z %Y", "%H%z ", "%H%z%%z", "%d/%m/%Y %z", "%\xe9"],
)  # fmt: skip
def test_a_pattern_that_cannot_be_honoured_alike_is_refused_when_declared(pattern: str) -> None:
    declared = instant(format=pattern)
    with pytest.raises(DeclarationError, match=r"^at: format='.* cannot be read from live rows"):
        check_format(declared, field="at")
    with pytest.raises(DeclarationError):
        read_cell(None, declared, zone="UTC", field="at")


def test_names_are_text_as_it_stands_or_digits() -> None:
    for text in ("a", " a ", "007", "\u0663", "x" * LONGEST_NAME):
        assert read_name(text, "user") == text
    for value in (7, -7, 7.0, 2**100, Decimal("1E+3")):
        assert read_name(value, "user") == str(int(value))


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "missing"), ("", "missing"), (" \t", "missing"), (True, "not a whole number"),
     (2.5, "not a whole number"), (2.0**53, "not a whole number"), (1e300, "not a whole number"),
     (Decimal("7.0"), "not a whole number"), (Decimal("sNaN"), "not finite"),
     (math.nan, "not finite"), ("a\0b", "NUL byte"), ("x" * 201, "too long for a name"),
     (10**60, "out of range"), ([1], "not a single value"), ("\udc00", "not UTF-8 text")],
)  # fmt: skip
def test_what_cannot_name_anything_is_refused(value: object, words: str) -> None:
    assert told(lambda: read_name(value, "user")) == ("refused", f"user: {words}")


@pytest.mark.parametrize("value", ["Zoe", ["Zoe"], {"Zoe": 1}, "Zoe\0", "2024-05-01 Zoe", "1.Zoe"])
def test_no_message_and_no_cause_tells_the_value(value: object) -> None:
    for declared in (*DECLARED.values(), instant(), day(), day(format="%d/%m/%Y")):
        try:
            read_cell(value, declared, zone="UTC", field="x")
        except DataError as error:
            found = error
            assert "zoe" not in f"{found} {found.args} {found.__context__}".lower()
