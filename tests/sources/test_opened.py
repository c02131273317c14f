"""Files of every kind, good and bad, become typed rows or a clear error."""

from __future__ import annotations

import gzip
import hashlib
import random
from pathlib import Path

import pytest

from solvent.errors import (
    DeclarationError,
    MissingColumnError,
    MissingFileError,
    NoRowsError,
    SolventError,
    UnreadableFileError,
)
from solvent.features import (
    Applications,
    ColumnType,
    Csv,
    category,
    flag,
    integer,
    money,
    number,
)  # fmt: skip
from solvent.sources import OpenTable, open_table, refusals, refused_rows
from solvent.sources import fingerprint as fingerprint_of
from tests.sources.tables import (
    applications,
    duckdb_connection,
    events,
    opened,
    rows,
    write,
    write_parquet,
)

AMOUNT = {"amount": money()}


def values(data: Path, table: Applications, *names: str) -> list[tuple[object, ...]]:
    with opened(table, data) as one:
        found = refusals(one)
        assert found.accepted + sum(count for _, count in found.reasons) == found.read
        return rows(one, *names)


@pytest.mark.parametrize(
    ("text", "csv", "encoding"),
    [
        ("id,user,word\n1,a,ação\n", Csv(), "utf-8"),
        ("id,user,word\n1,a,ação\n", Csv(), "utf-8-sig"),
        ("id,user,word\r\n1,a,ação\r\n", Csv(encoding="latin-1"), "latin-1"),
        ("id,user,word\n1,a,ação\n", Csv(encoding="utf-16"), "utf-16"),
        ("id;user;word\n1;a;ação\n", Csv(separator=";", encoding="cp1252"), "cp1252"),
        ("id\tuser\tword\n1\ta\tação", Csv(separator="\t"), "utf-8"),
        ("id,user,word\n'1','a','ação'\n", Csv(quote="'"), "utf-8"),
    ],
)
def test_a_text_table_reads_as_it_is_declared_to_be_written(
    tmp_path: Path, text: str, csv: Csv, encoding: str
) -> None:
    write(tmp_path, "a.csv", text, encoding)
    table = applications({"word": category()}, csv=csv)
    assert values(tmp_path, table, "id", "key", "word") == [("1", "a", "ação")]


def test_a_compressed_text_table_is_read_by_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"id,user,amount\n1,a,2.50\n"))
    assert values(tmp_path, applications(AMOUNT, files="a.csv.gz"), "amount") == [(250,)]


def test_quoted_newlines_separators_and_quotes_stay_inside_their_cell(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", 'id,user,word\n1,a,"two\nlines, ""quoted"""\n2,b,"x"\n')
    found = values(tmp_path, applications({"word": category()}), "word")
    assert found == [('two\nlines, "quoted"',), ("x",)]


def test_ragged_rows_are_refused_with_their_number_and_the_others_keep_theirs(
    tmp_path: Path,
) -> None:
    write(tmp_path, "a.csv", "id,user,amount\n1,a,1\n2,a\n3,a,1,9\n\n4,a,x\n5,a,1\n6\n7,a,y\n")
    with opened(applications(AMOUNT), tmp_path) as one:
        assert [row[0] for row in rows(one, "id")] == ["1", "5"]
        assert [(row.row, row.id, row.reason) for row in refused_rows(one)] == [
            (2, None, "row: wrong number of cells"),
            (3, None, "row: wrong number of cells"),
            (6, None, "row: wrong number of cells"),
            (4, "4", "amount: not money"),
            (7, "7", "amount: not money"),
        ]
        found = refusals(one)
        assert (found.read, found.accepted, found.refused) == (7, 2, 5)


def test_row_numbers_hold_over_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvent.sources.delimited.BLOCK", 4096)
    draw = random.Random(7)  # noqa: S311 - a repeatable draw
    kinds = [draw.choice(["good", "bad", "ragged"]) for _ in range(5000)]
    cells = {"good": "{0},u,1.25", "bad": "{0},u,none", "ragged": "{0},u"}
    lines = [cells[kind].format(number) for number, kind in enumerate(kinds, 1)]
    write(tmp_path, "a.csv", "\n".join(["id,user,amount", *lines, ""]))
    with opened(applications(AMOUNT), tmp_path) as one:
        found = {row.row: row.reason for row in refused_rows(one)}
        expected = {"bad": "amount: not money", "ragged": "row: wrong number of cells"}
        assert found == {
            number: expected[kind] for number, kind in enumerate(kinds, 1) if kind in expected
        }
        assert refusals(one).read == 5000


def test_a_nul_byte_refuses_only_its_row(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,user,amount\n1\0,a,1\n2,a,1\0\n3,a,1\n")
    with opened(applications(AMOUNT), tmp_path) as one:
        assert [row[0] for row in rows(one, "id")] == ["3"]
        assert [row.reason for row in refused_rows(one)] == ["id: NUL byte", "amount: not money"]


def test_a_row_without_id_or_key_is_refused_but_an_empty_cell_is_just_missing(
    tmp_path: Path,
) -> None:
    write(tmp_path, "a.csv", "id,user,amount\n,a,1\n2,,1\n3,a,\n")
    with opened(applications(AMOUNT), tmp_path) as one:
        assert rows(one, "id", "amount") == [("3", None)]
        assert dict(refusals(one).reasons) == {"id: missing": 1, "user: missing": 1}


def test_equal_rows_of_one_id_count_once_and_different_ones_are_all_refused(
    tmp_path: Path,
) -> None:
    cells = "1,a,1.0 1,a,1.00 1,a,1 2,a,1 2,a,2 3,a,1 4,a, 4,a, 5,a,1 5,b,1 6,a,1 6,a,x"
    lines = cells.split(" ")
    write(tmp_path, "a.csv", "\n".join(["id,user,amount", *lines]))
    with opened(applications(AMOUNT), tmp_path) as one:
        assert rows(one, "id") == [("1",), ("3",), ("4",), ("6",)]
        assert dict(refusals(one).reasons) == {
            "id on several applications": 4, "duplicate id": 3, "amount: not money": 1,
        }  # fmt: skip
        assert [row.row for row in refused_rows(one)] == [2, 3, 4, 5, 8, 9, 10, 12]


def test_events_with_one_id_are_versions_and_stay(tmp_path: Path) -> None:
    write(tmp_path, "e.csv", "user,at,n\na,2024-01-01 00:00,1\na,2024-01-01 00:00,1\n")
    with opened(events(id="n", zone="UTC"), tmp_path) as one:
        assert len(rows(one, "event_id")) == 2


def test_ids_are_whole_numbers_only_if_every_file_keeps_them_so(tmp_path: Path) -> None:
    write_parquet(tmp_path, "a1.parquet", {"id": [1, 2], "user": [10, 20]})
    write_parquet(tmp_path, "a2.parquet", {"id": [3], "user": ["x"]})
    with opened(applications(files="a*.parquet"), tmp_path) as one:
        assert (one.whole_names, one.integer_key, one.has_id) == (frozenset({"id"}), False, True)
        assert rows(one, "id", "key") == [(1, "10"), (2, "20"), (3, "x")]
    with opened(applications(files="a1.parquet"), tmp_path) as one:
        assert one.integer_key
        assert rows(one, "id", "key") == [(1, 10), (2, 20)]
    write_parquet(tmp_path, "a3.parquet", {"id": [9.0, None], "user": [True, False]})
    with opened(applications(files="a3.parquet"), tmp_path) as one:
        assert rows(one, "id", "key") == [("9", "true")]
        assert dict(refusals(one).reasons) == {"id: missing": 1}


def test_ids_in_text_stay_as_they_stand(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,user\n007,A \n")
    assert values(tmp_path, applications(), "id", "key") == [("007", "A ")]


def test_a_column_may_be_id_and_feature_at_once(tmp_path: Path) -> None:
    write_parquet(tmp_path, "a.parquet", {"id": [5], "user": [7]})
    table = applications({"user": category()}, files="a.parquet")
    assert values(tmp_path, table, "key", "user") == [(7, "7")]


def test_files_of_a_folder_are_united_by_name_whatever_their_order_and_type(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    write_parquet(folder, "1.parquet", {"id": [1], "user": ["a"], "amount": [1.5]})
    write_parquet(folder, "2.parquet", {"amount": [2], "user": ["a"], "id": [2], "more": [1]})
    write(folder, "3.csv", "user,amount,id\na,3.25,3\n")
    (folder / "_SUCCESS").write_text("")
    with opened(applications(AMOUNT, files="parts"), tmp_path) as one:
        assert rows(one, "id", "amount") == [("1", 150), ("2", 200), ("3", 325)]
        assert [name for name, _, _ in one.fingerprint()] == [
            "parts/1.parquet", "parts/2.parquet", "parts/3.csv",
        ]  # fmt: skip


def test_a_column_missing_in_one_of_several_files_names_that_file(tmp_path: Path) -> None:
    write_parquet(tmp_path, "p1.parquet", {"id": [1], "user": ["a"], "amount": [1.5]})
    write_parquet(tmp_path, "p2.parquet", {"id": [1], "user": ["a"], "Amonut": [1.5]})
    with (
        pytest.raises(MissingColumnError) as caught,
        opened(applications(AMOUNT, files="p*.parquet"), tmp_path),
    ):
        pass
    assert str(caught.value) == (
        "loans.amount: p2.parquet has no column 'amount'\n  hint: did you mean 'Amonut'?"
    )


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", UnreadableFileError, "is empty"),
        ("\n\n", UnreadableFileError, "is empty"),
        ("id,user,amount\n", NoRowsError, "has no rows"),
        ("id,user,amount", NoRowsError, "has no rows"),
        ("id,user,amount,amount\n1,a,2,3\n", UnreadableFileError, "column 'amount' 2 times"),
        ("id;user;amount\n1;a;2\n", MissingColumnError, "is the separator right"),
        ("id,user,value\n1,a,2\n", MissingColumnError, "has no column 'amount'"),
    ],
)
def test_a_file_that_does_not_fit_is_a_clear_error(
    tmp_path: Path, text: str, error: type[SolventError], words: str
) -> None:
    write(tmp_path, "a.csv", text)
    with pytest.raises(error, match=words), opened(applications(AMOUNT), tmp_path):
        pass


def test_a_column_named_twice_does_not_matter_where_nobody_reads_it(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,user,amount,note,note\n1,a,2,x,y\n")
    assert values(tmp_path, applications(AMOUNT), "amount") == [(200,)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "ascii"])
def test_bytes_in_another_encoding_are_an_error_without_any_cell(
    tmp_path: Path, encoding: str
) -> None:
    write(tmp_path, "a.csv", "id,user,amount\n1,jos\xe9,2\n2,b,3\n", "latin-1")
    table = applications({**AMOUNT, "user": category()}, csv=Csv(encoding=encoding))
    with pytest.raises(SolventError) as caught, opened(table, tmp_path):
        pass
    assert "jos" not in str(caught.value)
    assert isinstance(caught.value, UnreadableFileError)


def test_an_unknown_encoding_is_a_declaration_error(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,user\n1,a\n")
    with (
        pytest.raises(DeclarationError, match="no encoding 'klingon'"),
        opened(applications(csv=Csv(encoding="klingon")), tmp_path),
    ):
        pass


def test_a_quote_that_is_never_closed_does_not_pass_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'id,user,amount\n1,a,2\n2,"b,3\n' + "3,c,4\n" * 5000
    write(tmp_path, "a.csv", text)
    with (
        pytest.raises(UnreadableFileError, match="opens a quote in record 2 that is never closed"),
        opened(applications(AMOUNT), tmp_path),
    ):
        pass
    monkeypatch.setattr("solvent.sources.delimited.BLOCK", 4096)
    with (
        pytest.raises(UnreadableFileError, match="a quote is never closed"),
        opened(applications(AMOUNT), tmp_path),
    ):
        pass


@pytest.mark.parametrize("end", ["", "\n"])
def test_an_open_quote_in_the_last_column_does_not_swallow_the_rest(
    tmp_path: Path, end: str
) -> None:
    write(tmp_path, "a.csv", f'id,user,note\n1,a,x\n2,b,"open\n3,c,y\n4,d,z{end}')
    with pytest.raises(UnreadableFileError, match="in record 2"), opened(applications(), tmp_path):
        pass
    write(tmp_path, "a.csv", f'id,user,note\n1,a,x\n2,b,"two\nlines"{end}')
    assert values(tmp_path, applications(), "id") == [("1",), ("2",)]


def test_a_quote_sign_inside_a_cell_is_just_a_sign(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", 'id,user,amount\n1,5" pipe,2\n2,6" pipe\n3,a,"7"\n')
    with opened(applications(AMOUNT), tmp_path) as one:
        assert rows(one, "key", "amount") == [('5" pipe', 200), ("a", 700)]
        assert refusals(one).refused == 1


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_parquet_file_cut_short_is_named(tmp_path: Path, share: float) -> None:
    path = write_parquet(tmp_path, "a.parquet", {"id": list(range(999)), "user": [1] * 999})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableFileError, match=r"a\.parquet is not a complete Parquet file"):
        open_table(duckdb_connection(), applications(files="a.parquet"), tmp_path)


def test_a_parquet_file_damaged_inside_is_named(tmp_path: Path) -> None:
    ids = [hashlib.sha256(bytes([n % 256, n // 256])).hexdigest() for n in range(3000)]
    path = write_parquet(tmp_path, "a.parquet", {"id": ids, "user": ids})
    whole = bytearray(path.read_bytes())
    whole[60:4000] = bytes(3940)
    path.write_bytes(bytes(whole))
    with pytest.raises(UnreadableFileError, match=r"a\.parquet cannot be read to its end"):
        open_table(duckdb_connection(), applications(files="a.parquet"), tmp_path)


def test_a_missing_file_says_what_the_folder_holds(tmp_path: Path) -> None:
    write(tmp_path, "loan.csv", "id\n")
    with (
        pytest.raises(MissingFileError) as caught,
        opened(applications(files="loans.csv"), tmp_path),
    ):
        pass
    assert "did you mean 'loan.csv'?" in str(caught.value)
    with pytest.raises(MissingFileError, match="no folder"):
        open_table(duckdb_connection(), applications(), tmp_path / "absent")


def test_an_optional_table_that_is_not_there_has_its_columns_and_no_rows(tmp_path: Path) -> None:
    columns = {"amount": money(), "rate": number(), "kind": category(), "ok": flag()}
    table = Applications(
        name="a", files="none.csv", key="user", id="id", optional=True, columns=columns
    )
    with opened(table, tmp_path) as one:
        assert one.missing
        assert rows(one, "key", "id", "as_of", *columns) == []
        assert refusals(one).read == 0
        assert list(refused_rows(one)) == []


def test_names_with_any_sign_are_read(tmp_path: Path) -> None:
    names = ["TARGET_LABEL_BAD=1", "select", 'a "b"', "año", "it's", "{x}", "%s", "c1"]
    folder = tmp_path / "it's [1] *new*"
    folder.mkdir()
    cells = {"id": [1], "user": [1]} | {name: [number] for number, name in enumerate(names)}
    write_parquet(folder, "what's [2]?.parquet", cells)
    declared: dict[str, ColumnType] = dict.fromkeys(names, integer())
    table = applications(declared, files="it's [1] *new*/what's [2]?.parquet")
    assert values(tmp_path, table, *names) == [tuple(range(len(names)))]


def test_three_hundred_columns_are_typed_at_once(tmp_path: Path) -> None:
    declared = {f"x{n}": (money(), integer(), number(), category())[n % 4] for n in range(300)}
    head = ",".join(["id", "user", *declared])
    lines = [",".join([str(row), "u", *["7"] * 300]) for row in range(50)]
    write(tmp_path, "a.csv", "\n".join([head, *lines]))
    found = values(tmp_path, applications(declared), *declared)
    assert len(found) == 50
    assert found[0][:4] == (700, 7, 7.0, "7")


def test_extra_columns_are_typed_like_the_declared_ones(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,user,amount,bad\n1,a,2,Bad\n2,a,2,Good\n")
    with opened(applications(AMOUNT), tmp_path, {"bad": flag(true=("Bad",))}) as one:
        assert rows(one, "id", one.column("bad").strip('"')) == [("1", 1), ("2", 0)]
        with pytest.raises(DeclarationError, match="no column 'worse'"):
            one.column("worse")


@pytest.mark.parametrize(
    ("columns", "extra", "words"),
    [
        ({"key": integer()}, {}, "cannot be called 'key'"),
        ({"ID": category()}, {}, "cannot be called 'ID'"),
        ({"solvent_file": category()}, {}, "cannot be called 'solvent_file'"),
        ({"x": integer(), "X": integer()}, {}, "differ only in case"),
        ({"x": integer()}, {"x": money()}, "declared with two types"),
    ],
)
def test_two_meanings_of_one_name_are_a_declaration_error(
    tmp_path: Path, columns: dict[str, ColumnType], extra: dict[str, ColumnType], words: str
) -> None:
    with pytest.raises(DeclarationError, match=words):
        open_table(duckdb_connection(), applications(columns), tmp_path, extra=extra)


def test_the_fingerprint_names_size_and_digest(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,user\n1,a\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert fingerprint_of([path]) == (("a.csv", 12, digest),)


def test_typed_rows_are_removed_when_closed_or_forgotten(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,user\n1,a\n")
    connection = duckdb_connection()

    def read() -> Path:
        one: OpenTable = open_table(connection, applications(), tmp_path)
        assert one.workplace.folder.is_dir()
        return one.workplace.folder

    assert not read().exists()
    with open_table(connection, applications(), tmp_path) as one:
        folder = one.workplace.folder
    assert not folder.exists()


def test_nothing_is_left_behind_when_a_table_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,user\n1,jos\xe9\n", "latin-1")
    spill = tmp_path / "spill"
    with pytest.raises(UnreadableFileError), opened(applications(), tmp_path):
        pass
    assert list(spill.glob("solvent-*")) == []


def test_a_query_underway_on_the_connection_is_not_disturbed(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,user\n1,a\n")
    connection = duckdb_connection()
    running = connection.execute("SELECT range FROM range(5000)")
    with open_table(connection, applications(), tmp_path):
        assert len(running.fetchall()) == 5000
