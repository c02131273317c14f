"""Bad tables and bad words for the commands that decide: refused in words, or counted row by row.

Every table here holds personal values; none may be printed, none written into a result, and none
kept anywhere but a declared value in the store.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.shops import (
    BORN,
    CANARY,
    POLICY,
    Shop,
    loan_rows,
    open_live_shop,
    payment_rows,
    read_rows,
    told_once,
    write_rows,
)

AS_OF = ("--as-of", "2023-11-20T00:00:00Z")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model and a registered policy."""
    shop = open_live_shop(tmp_path_factory.mktemp("shop"))
    assert shop.run("policy").exit_code == 0
    return shop


@pytest.fixture
def shop(trained: Shop, tmp_path: Path) -> Shop:
    """The same shop, to be spoilt."""
    shutil.copytree(trained.home, tmp_path / "home")
    shutil.copytree(trained.folder, tmp_path / "shop")
    return Shop(folder=tmp_path / "shop", home=tmp_path / "home")


def _tells_nobody(*texts: str) -> None:
    for text in texts:
        assert "Traceback" not in text
        assert CANARY not in text
        assert BORN not in text


def test_no_person_is_named_by_any_command_or_kept_by_it(shop: Shop, tmp_path: Path) -> None:
    page, decided, eligible = (tmp_path / name for name in ("s.html", "d.csv", "e.csv"))
    loans = shop.data / "loans.csv"
    results = [
        shop.run("policy"), shop.run("cutoff", "--maximise", "profit", "--write"),
        shop.run("simulate", "--report", page, "-o", decided),
        shop.run("campaign", loans, "-o", eligible, "--confidence", "0.5"),
        shop.invoke("events", "load", "shop", shop.data),
        shop.invoke("keys", "create", "--role", "admin"), shop.invoke("keys", "list"),
    ]  # fmt: skip
    assert [result.exit_code for result in results] == [0] * len(results)
    _tells_nobody(*(result.output for result in results))
    _tells_nobody(*(path.read_text(encoding="utf-8") for path in (page, decided, eligible)))
    _tells_nobody(*shop.kept_texts.values(), shop.policy.read_text(encoding="utf-8"))


# ---- files


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def _damage(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[:4] + b"\xff" * 60 + raw[64:])


def _latin(path: Path) -> None:
    path.write_bytes(f"customer,city\nC1,Malmö {CANARY}\n".encode("latin-1"))


def _utf16(path: Path) -> None:
    path.write_text(f"customer,city\nC1,{CANARY}\n", encoding="utf-16")


def _open_quote(path: Path) -> None:
    path.write_text(f'customer,city\nC1,"{CANARY}\nC2,Lima\nC3,Lima\n', encoding="utf-8")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _no_table(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00" + CANARY.encode() * 50)


@pytest.mark.parametrize("harm", [_latin, _utf16, _open_quote, _empty, _folder, _no_table])
@pytest.mark.parametrize("command", ["campaign", "events"])
def test_a_file_that_is_no_table_is_refused(
    shop: Shop, tmp_path: Path, command: str, harm: Callable[[Path], None]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    table = write_rows(folder / "payments.csv", payment_rows(loan_rows(3)))
    harm(table)
    if command == "campaign":
        result = shop.run("campaign", table, "-o", tmp_path / "e.csv", *AS_OF)
    else:
        result = shop.invoke("events", "load", "shop", table)
    told_once(result)
    assert not (tmp_path / "e.csv").exists()


@pytest.mark.parametrize("harm", [_cut, _damage])
@pytest.mark.parametrize("command", ["campaign", "events"])
def test_a_parquet_file_that_is_damaged_is_refused(
    shop: Shop, tmp_path: Path, command: str, harm: Callable[[Path], None]
) -> None:
    rows = [
        {"customer": row["customer"], **row} for row in payment_rows(loan_rows(40))
    ]  # what is read by both comes first, where the harm is
    table = tmp_path / "payments.parquet"
    cells = {name: [row[name] for row in rows] for name in rows[0]}
    pq.write_table(pa.table(cells), table, compression="none", use_dictionary=False)
    harm(table)
    if command == "campaign":
        result = shop.run("campaign", table, "-o", tmp_path / "e.csv", *AS_OF)
    else:
        result = shop.invoke("events", "load", "shop", table, "--source", "payments")
    told_once(result, "payments.parquet")
    assert not (tmp_path / "e.csv").exists()


# ---- rows


def test_odd_cells_are_looked_at_or_refused_and_all_are_counted(shop: Shop, tmp_path: Path) -> None:
    rows = [
        {"customer": key, "income": income, "months": months, "asked_at": at}
        for key, income, months, at in (
            ("C1", "4900.00", "40", "2023-11-20T00:00:00Z"),
            ("C2", CANARY, "40", "2023-11-20T00:00:00Z"),
            ("C3", "inf", "40", "2023-11-20T00:00:00Z"),
            ("C4", "4900.00", "1e400", "2023-11-20T00:00:00Z"),
            ("C5", "4900.00", "40", CANARY),
            ("C\0", "4900.00", "40", "2023-11-20T00:00:00Z"),
            ("", "4900.00", "40", "2023-11-20T00:00:00Z"),
            ("東京 🏦", "4900.00", "40", "2023-11-20T00:00:00Z"),
            ("\x1b[2J", "4900.00", "40", "2023-11-20T00:00:00Z"),
        )
    ]
    out = tmp_path / "e.csv"
    result = shop.run(
        "campaign", write_rows(tmp_path / "in.csv", rows), "-o", out, "--confidence", "0.5"
    )
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "Rows read 9" in words
    assert "Customers scored 3 refused: " in words
    for reason in ("income: not money", "asked_at: not a time", "customer: NUL byte"):
        assert reason in words
    assert [row["user_id"] for row in read_rows(out)] == ["\x1b[2J", "C1", "東京 🏦"]
    _tells_nobody(result.output, out.read_text(encoding="utf-8"))


def test_times_without_a_zone_are_refused_by_name(shop: Shop, tmp_path: Path) -> None:
    rows = [{"customer": "C1", "asked_at": "2023-11-20T00:00:00"}]
    table = write_rows(tmp_path / "in.csv", rows)
    told_once(
        shop.run("campaign", table, "-o", tmp_path / "e.csv"), "loans.asked_at: ", 'zone="UTC"'
    )


def test_columns_of_a_type_nobody_can_read_are_refused_by_name(shop: Shop, tmp_path: Path) -> None:
    table = tmp_path / "in.parquet"
    pq.write_table(pa.table({"customer": ["C1"], "income": [[1.0, 2.0]]}), table)
    told_once(shop.run("campaign", table, "-o", tmp_path / "e.csv", *AS_OF), "income")
    pq.write_table(pa.table({"customer": [{"id": 1}]}), table)
    told_once(shop.run("campaign", table, "-o", tmp_path / "e.csv", *AS_OF), "customer")
    assert not (tmp_path / "e.csv").exists()


def test_live_rows_that_lie_in_the_future_or_are_senseless_are_counted(
    shop: Shop, tmp_path: Path
) -> None:
    rows = payment_rows(loan_rows(5))
    rows[0]["paid_at"] = "9999-12-31T23:59:59Z"
    rows[1]["amount"], rows[2]["amount"], rows[3]["customer"] = "1e999", "NaN", ""
    rows[4]["payment_id"] = rows[5]["payment_id"]
    table = write_rows(tmp_path / "payments.csv", rows)
    result = shop.invoke("events", "load", "shop", table)
    assert result.exit_code == 0, result.output
    (line,) = [one.split() for one in result.output.splitlines() if one.startswith("payments")][:1]
    new, there, lost = map(int, line[1:])
    assert new + there + lost == len(rows)
    _tells_nobody(result.output)


# ---- words


@pytest.mark.parametrize(
    "text",
    [
        POLICY.replace('name: "first"', f'name: "first"\n{CANARY}: 1'),
        POLICY.replace("0.35 ", f"'{CANARY}' "),
        POLICY.replace("below: 12", f"below: '{CANARY}'"),
        POLICY + "cutoffs: {approve_below: 0.1}\n",
        POLICY.replace("0.35 ", ".nan "),
        POLICY.replace("0.35 ", "-.inf "),
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
        "[" * 5_000,
        "- a\n- b\n",
        "\0",
        "!!python/object/apply:os.system ['true']",
    ],
)
@pytest.mark.parametrize("command", ["policy", "cutoff", "simulate"])
def test_a_policy_that_is_none_stops_every_command(
    shop: Shop, tmp_path: Path, text: str, command: str
) -> None:
    shop.policy.write_text(text, encoding="utf-8")
    words = {"cutoff": ("--maximise", "profit", "--write"), "simulate": ("-o", tmp_path / "d.csv")}
    before = len(shop.kept)
    result = shop.run(command, *words.get(command, ()))
    assert result.exit_code == 1, result.output
    assert "bug in solvent" not in result.output
    assert "Traceback" not in result.output
    assert "\n  hint: " in result.output
    assert shop.policy.read_text(encoding="utf-8") == text
    assert len(shop.kept) == before
    assert not (tmp_path / "d.csv").exists()


def test_a_policy_in_another_encoding_is_told_as_such(shop: Shop) -> None:
    shop.policy.write_bytes(POLICY.replace("Voucher", "Gutschein für Käufer").encode("latin-1"))
    for command in (("policy",), ("cutoff", "--recall", "0.5", "--write")):
        told_once(shop.run(*command), "policy.yaml: is not UTF-8 text")


def test_a_broken_product_or_home_stops_before_anything_is_written(
    shop: Shop, tmp_path: Path
) -> None:
    keys = write_rows(tmp_path / "keys.csv", [{"customer": "C0001"}])
    shop.declare("product = 1 / 0\n")
    out = tmp_path / "e.csv"
    for words in (("cutoff", "--recall", "0.5"), ("simulate",), ("campaign", keys, "-o", out)):
        told_once(shop.run(*words), "ZeroDivisionError")
    nowhere = Shop(folder=shop.folder, home=keys)
    for words in (("keys", "list"), ("events", "load", "shop", "."), ("serve",)):
        result = nowhere.invoke(*words)
        assert result.exit_code == 1, result.output
        assert "bug in solvent" not in result.output
    assert not out.exists()
