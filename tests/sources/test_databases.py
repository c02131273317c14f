"""Tables of real databases are read as the same tables in files are, or refused in clear words."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import NullPool, create_engine

from solvent.errors import (
    DataError,
    DeclarationError,
    MissingColumnError,
    MissingFileError,
    SolventError,
    UnreadableFileError,
    ZoneError,
)
from solvent.features import (
    Applications,
    ColumnType,
    Csv,
    Database,
    Events,
    category,
    flag,
    instant,
    integer,
    money,
    number,
)
from solvent.features import date as day
from solvent.sources import databases, refused_rows
from tests.places import VARIABLE, run
from tests.sources.tables import opened, rows, write

COLUMNS = {
    "amount": money(), "kids": integer(), "ratio": number(), "word": category(), "ok": flag(),
    "born": day(), "seen": instant(),
}  # fmt: skip


def from_database(
    columns: dict[str, ColumnType] | None = None, *, table: str = "loans", sql: str = "",
    zone: str | None = None,
) -> Applications:  # fmt: skip
    """Applications that lie in the database the environment names."""
    return Applications(
        name="loans", database=Database(url_from=VARIABLE, table="" if sql else table, sql=sql),
        key="user", id="id", zone=zone, columns=columns or {},
    )  # fmt: skip


def from_file(
    file: str, columns: dict[str, ColumnType] | None = None, zone: str | None = None
) -> Applications:
    """The same applications in a file."""
    return Applications(
        name="loans", files=file, key="user", id="id", zone=zone, columns=columns or {}
    )


def insert(url: str, statement: str, values: Sequence[tuple[object, ...]]) -> None:
    """Add rows."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(statement, list(values))
    engine.dispose()


def read(table: Applications | Events, data: Path) -> tuple[list[tuple[object, ...]], list[str]]:
    """Return the accepted rows and the reasons of the others."""
    with opened(table, data) as one:
        return rows(one), sorted(row.reason for row in refused_rows(one))


def test_postgres_gives_the_values_of_the_same_table_in_a_file(
    postgres: str, tmp_path: Path
) -> None:
    """Exact money, instants, days, flags, text and nulls: typed from SQL as from text."""
    run(
        postgres,
        'CREATE TABLE loans (id int8, "user" text, amount numeric(12,2), kids int2, '
        "ratio float8, word varchar(20), ok bool, born date, seen timestamptz)",
        "INSERT INTO loans VALUES (1, 'ann', 1234567890.12, 2, 0.1, 'a, \"b\"', true, "
        "'1980-02-29', '2024-03-31 02:30:00.123456+02'), "
        "(2, 'bob', -0.05, NULL, NULL, NULL, NULL, NULL, NULL), "
        "(3, 'ção', 0, 0, 1e300, '  ', false, '0001-01-01', '1969-12-31 23:59:59.999999Z')",
    )
    write(
        tmp_path, "loans.csv",
        "id,user,amount,kids,ratio,word,ok,born,seen\n"
        '1,ann,1234567890.12,2,0.1,"a, ""b""",true,1980-02-29,2024-03-31T02:30:00.123456+02:00\n'
        "2,bob,-0.05,,,,,,\n"
        "3,ção,0,0,1e300,  ,false,0001-01-01,1969-12-31T23:59:59.999999Z\n",
    )  # fmt: skip
    sql, refused = read(from_database(COLUMNS, zone="Europe/Lisbon"), tmp_path)
    assert not refused
    assert len(sql) == 3
    in_text = from_file("loans.csv", COLUMNS, zone="Europe/Lisbon")
    texts = [(str(row[0]), str(row[1]), *row[2:]) for row in sql]
    assert sorted(texts, key=repr) == read(in_text, tmp_path)[0]


def test_an_id_that_is_a_whole_number_there_is_one_here(postgres: str, tmp_path: Path) -> None:
    run(postgres, 'CREATE TABLE loans (id int4, "user" int8)', "INSERT INTO loans VALUES (7, 8)")
    with opened(from_database(), tmp_path) as one:
        assert one.whole_names == {"id", "key"}
        assert rows(one, "id", "key") == [(7, 8)]


MONEY = st.decimals(-(10**9), 10**9, places=2, allow_nan=False)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9)
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001 - UTC is meant
CELLS = st.tuples(
    st.none() | MONEY, st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.floats(allow_nan=False, allow_infinity=False), st.none() | WORDS,
    st.none() | st.booleans(), st.none() | st.dates(date(1, 1, 1), date(9999, 12, 30)),
    st.none() | INSTANTS,
)  # fmt: skip


@given(st.lists(CELLS, min_size=1, max_size=6))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_odd_values_of_postgres_are_those_of_a_parquet_file(
    postgres: str, tmp_path: Path, cells: list[tuple[object, ...]]
) -> None:
    """Whatever stands in a table, its typed values are those of the same table as Parquet."""
    run(
        postgres, "DROP TABLE IF EXISTS loans",
        'CREATE TABLE loans (id int8, "user" text, amount numeric, kids int4, ratio float8, '
        "word text, ok bool, born date, seen timestamptz)",
    )  # fmt: skip
    numbered = [(place, "u", *row[:6], _zoned(row[6])) for place, row in enumerate(cells)]
    insert(postgres, "INSERT INTO loans VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", numbered)
    kinds = [
        pa.int64(), pa.string(), pa.decimal128(20, 2), pa.int64(), pa.float64(), pa.string(),
        pa.bool_(), pa.date32(), pa.timestamp("us", "UTC"),
    ]  # fmt: skip
    names = ["id", "user", *COLUMNS]
    arrays = [
        pa.array(one, kind) for one, kind in zip(zip(*numbered, strict=True), kinds, strict=True)
    ]
    pq.write_table(pa.table(dict(zip(names, arrays, strict=True))), tmp_path / "t.parquet")
    expected = read(from_file("t.parquet", COLUMNS, zone="UTC"), tmp_path)
    assert read(from_database(COLUMNS, zone="UTC"), tmp_path) == expected


def _zoned(moment: object) -> object:
    from datetime import UTC

    return moment.replace(tzinfo=UTC) if isinstance(moment, datetime) else moment


def test_infinity_and_years_before_christ_refuse_their_row(postgres: str, tmp_path: Path) -> None:
    """They are no times, and must not pass for a time that is missing."""
    run(
        postgres, 'CREATE TABLE loans (id int8, "user" int8, seen timestamptz, born date)',
        "INSERT INTO loans VALUES (1, 1, 'infinity', NULL), (2, 1, '-infinity', NULL), "
        "(3, 1, '2000-01-01 BC', NULL), (4, 1, NULL, 'infinity'), (5, 1, NULL, NULL), "
        "(6, 1, '20000-01-01', '4713-01-01 BC')",
    )  # fmt: skip
    found, refused = read(from_database({"seen": instant(), "born": day()}, zone="UTC"), tmp_path)
    assert [row[1] for row in found] == [5]
    assert refused == ["born: not a time", *["seen: not a time"] * 4]


def test_numbers_that_are_none_refuse_their_row(postgres: str, tmp_path: Path) -> None:
    run(
        postgres, 'CREATE TABLE loans (id int8, "user" int8, amount numeric, ratio float4)',
        "INSERT INTO loans VALUES (1, 1, 'NaN', 1), (2, 1, 1, 'Infinity'), (3, 1, 1.005, 1), "
        "(4, 1, 1.5, 0.1)",
    )  # fmt: skip
    with opened(from_database({"amount": money(), "ratio": number()}), tmp_path) as one:
        reasons = sorted(row.reason for row in refused_rows(one))
        ((key, amount, ratio),) = rows(one, "id", "amount", "ratio")
    assert reasons == ["amount: more decimals than scale", "amount: not money", "ratio: not finite"]
    # a real is as exact as one of a Parquet file
    assert (key, amount, ratio) == (4, 150, struct.unpack("f", struct.pack("f", 0.1))[0])


def test_types_of_a_lenders_own_read_as_text(postgres: str, tmp_path: Path) -> None:
    """Enums, fixed-length text, UUIDs and domains are categories."""
    run(
        postgres, "CREATE TYPE mood AS ENUM ('fine', 'bad')", "CREATE DOMAIN code AS varchar(3)",
        'CREATE TABLE loans (id uuid, "user" char(5), a mood, b code, c inet, d char(4))',
        "INSERT INTO loans VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'u', 'bad', 'x', "
        "'10.0.0.1', 'ab')",
    )  # fmt: skip
    words = {name: category() for name in "abcd"}
    with opened(from_database(words), tmp_path) as one:
        found = rows(one, "id", "key", *words)
    assert found == [("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "u", "bad", "x", "10.0.0.1/32", "ab")]


@pytest.mark.parametrize("kind", ["bytea", "int4[]", "interval", "point"])
def test_what_no_declared_type_can_read_is_refused(
    postgres: str, tmp_path: Path, kind: str
) -> None:
    run(postgres, f'CREATE TABLE loans (id int8, "user" int8, x {kind})')
    for declared in (money(), category(), number(), instant()):
        with pytest.raises(DataError) as found:
            read(from_database({"x": declared}, zone="UTC"), tmp_path)
        assert found.value.field == "loans.x"


def test_a_naive_timestamp_needs_a_zone(postgres: str, tmp_path: Path) -> None:
    run(
        postgres, 'CREATE TABLE loans (id int8, "user" int8, seen timestamp)',
        "INSERT INTO loans VALUES (1, 1, '2024-07-01 12:00')",
    )  # fmt: skip
    with pytest.raises(ZoneError):
        read(from_database({"seen": instant()}), tmp_path)
    found, _ = read(from_database({"seen": instant()}, zone="Europe/Lisbon"), tmp_path)
    assert found[0][-1] == 1_719_831_600_000_000


def test_only_needed_columns_are_read_and_names_are_quoted(postgres: str, tmp_path: Path) -> None:
    """A column nobody declared may be forbidden: it is not asked for."""
    run(
        postgres, 'CREATE SCHEMA "Odd ""Schema"',
        'CREATE TABLE "Odd ""Schema"."Lo.ans; --" (id int8, "user" int8, "SELECT" numeric, '
        '"a ""b""" text, secret text)',
        'INSERT INTO "Odd ""Schema"."Lo.ans; --" VALUES (1, 2, 3.5, \'x\', \'hidden\')',
        "DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk LOGIN",
        'GRANT USAGE ON SCHEMA "Odd ""Schema" TO clerk',
        'GRANT SELECT (id, "user", "SELECT", "a ""b""") ON "Odd ""Schema"."Lo.ans; --" TO clerk',
    )  # fmt: skip
    table = from_database(
        {"SELECT": money(), 'a "b"': category()}, table='"Odd ""Schema"."Lo.ans; --"'
    )
    assert table.database is not None
    assert table.database.table_parts == ('Odd "Schema', "Lo.ans; --")
    found, _ = read(table, tmp_path)
    assert found == [(2, 1, 0, 350, "x")]


def test_a_select_is_read_as_a_table_is(postgres: str, tmp_path: Path) -> None:
    """Per cent signs, colons, casts and a comment at its end are the SELECT's own."""
    run(
        postgres, 'CREATE TABLE raw (id int8, "user" int8, amount numeric, note text)',
        "INSERT INTO raw VALUES (1, 1, 10, '100%'), (2, 1, 20, 'a:b'), (3, 1, 30, 'c')",
    )  # fmt: skip
    table = from_database(
        {"amount": money()},
        sql='SELECT id, "user", amount / 2::numeric AS amount FROM raw '
        "WHERE note LIKE '%\\%' OR note = 'a:b' -- the end",
    )
    found, _ = read(table, tmp_path)
    assert [row[-1] for row in found] == [500, 1000]


def test_many_rows_come_in_pieces_and_all_of_them(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvent.sources.databases.ROWS_AT_ONCE", 700)
    run(
        postgres, 'CREATE TABLE loans (id int8, "user" int8, amount numeric)',
        "INSERT INTO loans SELECT n, n % 7, n / 100.0 FROM generate_series(1, 5000) n",
    )  # fmt: skip
    found, _ = read(from_database({"amount": money()}), tmp_path)
    assert sum(row[-1] for row in found) == sum(range(1, 5001))  # type: ignore[misc]
    assert len(found) == 5000


def test_a_fingerprint_tells_rows_and_not_their_order(postgres: str, tmp_path: Path) -> None:
    """Rows inserted in another order are the same table; another value, row or column is not."""
    made = 'CREATE TABLE loans (id int8, "user" text, amount numeric)'
    digests = []
    for values in (
        "(1, 'a', 1), (2, 'b', NULL)", "(2, 'b', NULL), (1, 'a', 1)",
        "(1, 'a', 1), (2, 'b', 0)", "(1, 'a', 1), (2, 'b', NULL), (2, 'b', NULL)",
        "(1, 'a1', NULL), (2, 'b', NULL)", "(1, NULL, 1), (2, 'b', NULL)",
    ):  # fmt: skip
        filled = f"INSERT INTO loans VALUES {values}"  # noqa: S608 - our own words
        run(postgres, "DROP TABLE IF EXISTS loans", made, filled)
        with opened(from_database({"amount": money()}), tmp_path) as one:
            ((name, _, sha256),) = one.fingerprint()
            assert name == f"{VARIABLE}:loans"
            digests.append(sha256)
    assert digests[0] == digests[1]
    assert len(set(digests)) == len(digests) - 1


def test_nothing_can_be_changed(postgres: str, sqlite: str, tmp_path: Path) -> None:
    """A SELECT that writes is refused by the database itself."""
    monkey = pytest.MonkeyPatch()
    monkey.setenv(VARIABLE, postgres)
    run(postgres, 'CREATE TABLE loans (id int8, "user" int8)', "CREATE SEQUENCE numbers")
    with pytest.raises(SolventError) as found:
        read(from_database(sql="SELECT nextval('numbers') AS id, 1 AS \"user\""), tmp_path)
    assert "25006" in str(found.value)  # read-only transaction
    monkey.undo()


@pytest.mark.parametrize("place", ["postgres", "sqlite"])
def test_a_wrong_table_or_column_is_told_the_closest(
    place: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue(place)
    run(url, 'CREATE TABLE topups (id int, "user" int, amount int)', "CREATE TABLE x (y int)")
    with pytest.raises(MissingFileError, match="no table 'topup'") as told:
        read(from_database(table="topup"), tmp_path)
    assert "did you mean 'topups'?" in told.value.hint
    assert told.value.field == "loans"
    with pytest.raises(MissingColumnError, match="no column 'amuont'") as missing:
        read(from_database({"amuont": money()}, table="topups"), tmp_path)
    assert "did you mean 'amount'?" in missing.value.hint
    assert f"{VARIABLE}:topups" in missing.value.message
    with pytest.raises(DeclarationError, match="cannot run the SELECT"):
        read(from_database(sql="SELECT id, user FROM nowhere"), tmp_path)
    with pytest.raises(DeclarationError, match="cannot run the SELECT"):
        read(from_database(sql="SELEKT 1"), tmp_path)


@pytest.mark.parametrize("place", ["postgres", "sqlite"])
def test_an_optional_table_that_is_not_there_is_missing(
    place: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(request.getfixturevalue(place), "CREATE TABLE x (y int)")
    table = Events(
        name="topups", database=Database(url_from=VARIABLE, table="topups"), key="user", at="at",
        optional=True,
    )  # fmt: skip
    for _ in range(2):
        with opened(table, tmp_path) as one:
            assert one.missing
            assert rows(one) == []
        monkeypatch.delenv(VARIABLE, raising=False)


def test_sqlite_gives_the_values_of_the_same_table_in_a_file(sqlite: str, tmp_path: Path) -> None:
    run(
        sqlite,
        'CREATE TABLE loans (id INTEGER, "user" TEXT, amount NUMERIC(12,2), kids INT, ratio REAL, '
        "word TEXT, ok BOOLEAN, born DATE, seen TEXT)",
        "INSERT INTO loans VALUES (1, 'ann', 1234567.25, 2, 0.5, 'x', 1, '1980-02-29', "
        "'2024-03-31T02:30:00.123456+02:00'), (2, 'bob', 7, NULL, 2, NULL, 0, NULL, NULL)",
    )
    write(
        tmp_path, "loans.csv",
        "id,user,amount,kids,ratio,word,ok,born,seen\n"
        "1,ann,1234567.25,2,0.5,x,1,1980-02-29,2024-03-31T02:30:00.123456+02:00\n"
        "2,bob,7,,2,,0,,\n",
    )  # fmt: skip
    sql, refused = read(from_database(COLUMNS, zone="UTC"), tmp_path)
    assert not refused
    texts = [(row[0], str(row[1]), *row[2:]) for row in sql]
    assert texts == read(from_file("loans.csv", COLUMNS, zone="UTC"), tmp_path)[0]


def test_a_sqlite_column_of_many_types_is_judged_row_by_row(sqlite: str, tmp_path: Path) -> None:
    run(
        sqlite, 'CREATE TABLE loans (id INTEGER, "user" INTEGER, amount)',
        "INSERT INTO loans VALUES (1, 1, 5), (2, 1, 5.5), (3, 1, '5.25'), (4, 1, 'much'), "
        "(5, 1, 9007199254740993), (6, 1, NULL)",
    )  # fmt: skip
    with opened(from_database({"amount": money()}), tmp_path) as one:
        assert rows(one, "id", "amount") == [(1, 500), (2, 550), (3, 525), (6, None)]
        assert [(row.row, row.reason) for row in refused_rows(one)] == [
            (4, "amount: not money"), (5, "amount: out of range")
        ]  # fmt: skip


def test_a_blob_is_no_value(sqlite: str, tmp_path: Path) -> None:
    run(sqlite, 'CREATE TABLE loans (id INTEGER, "user" INTEGER, x)',
        "INSERT INTO loans VALUES (1, 1, x'00ff')")  # fmt: skip
    with pytest.raises(DataError) as found:
        read(from_database({"x": category()}), tmp_path)
    assert found.value.field == "loans.x"


SECRET = "pa55word-hush"  # noqa: S105 - a sign to look for


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"postgresql://ann:{SECRET}@127.0.0.1:1/x", "no server answers there"),
        (f"postgresql://ann:{SECRET}@nowhere.invalid/x", "there is no such host"),
        (f"mysql://ann:{SECRET}@localhost/x", "holds no address"),
        (f"ann:{SECRET}@localhost", "holds no address"),
        (f"postgresql://ann:{SECRET}@localhost:port/x", "holds no address"),
        ("sqlite:///nowhere.db", "no database file 'nowhere.db'"),
        ("sqlite://", "names no file"),
        ("", "is not set"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(SolventError, match=told) as found:
        read(from_database(), tmp_path)
    chain: BaseException | None = found.value
    while chain is not None:
        assert SECRET not in str(chain)
        chain = chain.__cause__
    assert VARIABLE in str(found.value)


def test_a_file_that_is_no_database_is_told(sqlite: str, tmp_path: Path) -> None:
    (tmp_path / "lender.db").write_bytes(b"no database at all, only words" * 100)
    with pytest.raises(SolventError):
        read(from_database(), tmp_path)


def test_a_wrong_password_or_name_is_told(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, postgres.replace("/lender_", "/nobody_"))
    with pytest.raises(UnreadableFileError, match="no such database or user"):
        read(from_database(), tmp_path)


def test_a_table_the_user_may_not_read_is_told(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(postgres, 'CREATE TABLE loans (id int8, "user" int8)', "DROP ROLE IF EXISTS guest",
        "CREATE ROLE guest LOGIN")  # fmt: skip
    monkeypatch.setenv(VARIABLE, postgres.replace("postgres:@", "guest:@"))
    with pytest.raises(UnreadableFileError, match="may not be read by the user"):
        read(from_database(), tmp_path)


def test_values_never_stand_in_an_error(postgres: str, tmp_path: Path) -> None:
    """Postgres repeats the value it cannot cast; we do not."""
    run(postgres, 'CREATE TABLE loans (id int8, "user" int8, x text)',
        "INSERT INTO loans VALUES (1, 1, 'Mrs. Smith')")  # fmt: skip
    table = from_database({"x": integer()}, sql='SELECT id, "user", x::int8 AS x FROM loans')
    with pytest.raises(UnreadableFileError, match="SQLSTATE 22P02") as found:
        read(table, tmp_path)
    assert "Smith" not in str(found.value)
    assert found.value.__cause__ is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"url_from": f"postgresql://ann:{SECRET}@host/x", "table": "x"},
        {"url_from": VARIABLE}, {"url_from": VARIABLE, "table": "a", "sql": "SELECT 1"},
        {"url_from": VARIABLE, "table": "a..b"}, {"url_from": VARIABLE, "table": 'a"b'},
        {"url_from": "", "table": "x"},
    ],
)  # fmt: skip
def test_a_declaration_that_is_none_is_refused_without_a_secret(wrong: dict[str, str]) -> None:
    with pytest.raises(DeclarationError) as found:
        Database(**wrong)
    assert SECRET not in str(found.value)


def test_a_table_lies_at_one_place() -> None:
    there = Database(url_from=VARIABLE, table="x")
    for files, csv in (("a.csv", Csv()), ((), Csv(separator=";"))):
        with pytest.raises(DeclarationError, match="say nothing"):
            Applications(name="a", files=files, csv=csv, database=there, key="k", id="i")
    with pytest.raises(DeclarationError, match="no file is named"):
        Applications(name="a", key="k", id="i")


@pytest.mark.parametrize("place", ["postgres", "sqlite"])
def test_rows_that_come_while_a_table_is_read_do_not_come_along(
    place: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a table holds is looked at and read in one view, which others may write beside."""
    url = request.getfixturevalue(place)
    if place == "sqlite":
        run(url, "PRAGMA journal_mode = WAL")
    run(url, 'CREATE TABLE loans (id INTEGER, "user" INTEGER)', "INSERT INTO loans VALUES (1, 1)")
    stream = databases._stream

    def late(*args: Any) -> None:
        run(url, "INSERT INTO loans VALUES (2, 2)")
        stream(*args)

    monkeypatch.setattr(databases, "_stream", late)
    assert len(read(from_database(sql="SELECT * FROM loans"), tmp_path)[0]) == 1
    assert len(read(from_database(), tmp_path)[0]) == 2
