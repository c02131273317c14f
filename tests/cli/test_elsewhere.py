"""A lender whose tables lie in a database and a bucket has what one with files on disk has."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import NullPool, create_engine

from solvent.dataset.build import build_dataset, open_data
from solvent.features import Applications, Events
from solvent.product import load_product
from tests.cli.shops import (
    CANARY,
    LIVE,
    POLICY,
    Row,
    Shop,
    loan_rows,
    open_shop,
    payment_rows,
    read_rows,
    told_once,
)
from tests.places import VARIABLE, Lake, run

NOW = 1_800_000_000_000_000
TYPES = {"payment_id": "text", "customer": "text", "paid_at": "timestamptz",
         "amount": "numeric(12,2)", "note": "text", "payer": "text"}  # fmt: skip
SECRET = "hush-hush"  # noqa: S105 - a sign to look for


def insert(url: str, rows: Sequence[Row]) -> None:
    """Add payments to the lender's database."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO crm.payments VALUES (%(payment_id)s, %(customer)s, %(paid_at)s, "
            "%(amount)s, %(note)s, %(payer)s)",
            [dict(row) for row in rows],
        )
    engine.dispose()


def as_book(rows: Sequence[Row], target: Path) -> Path:
    """Write rows as a spreadsheet whose figures are numbers."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(
            [float(cell) if name in {"income", "months", "ratio"} else cell
             for name, cell in row.items()]
        )  # fmt: skip
    book.save(target)
    return target


@pytest.fixture
def shops(tmp_path: Path, postgres: str, lake: Lake) -> tuple[Shop, Shop]:
    """The same shop twice: with its files on disk, and with a database and a bucket alone."""
    here = open_shop(tmp_path / "here", product=LIVE)
    address = lake.put("2024/loans.csv", (here.data / "loans.csv").read_bytes())
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    run(postgres, "CREATE SCHEMA crm", f"CREATE TABLE crm.payments ({columns})")
    insert(postgres, payment_rows(loan_rows()))
    database = f'database=Database(url_from="{VARIABLE}", table="crm.payments")'
    text = LIVE.replace('files="loans.csv"', f'files="{address}"')
    text = text.replace('files="payments.csv"', database)
    there_too = "from solvent import Applications, Database,"
    text = text.replace("from solvent import Applications,", there_too)
    there = Shop(folder=tmp_path / "there", home=tmp_path / "there" / "home")
    there.folder.mkdir()
    there.declare(text)
    for shop in (here, there):
        shop.policy.write_text(POLICY, encoding="utf-8")
    return here, there


def test_features_are_the_same_to_the_bit(shops: tuple[Shop, Shop]) -> None:
    """Payments in Postgres and loans in a bucket give the feature frame that files give."""
    frames = []
    for shop in shops:
        loaded = load_product(shop.folder)
        with open_data(loaded.product.plan, shop.data) as data:
            made = build_dataset(data, seed=0, now=NOW)
            values = {
                column.name: getattr(column, "values", getattr(column, "codes", None)).tobytes()
                for column in made.frame
            }
            frames.append((made.ids.to_pylist(), made.bad.tolist(), values))
    assert frames[0] == frames[1]
    assert len(frames[0][2]) > 10
    typed = [load_product(shop.folder).product for shop in shops]
    assert isinstance(typed[1].sources[0], Events)
    assert isinstance(typed[1].applications, Applications)


def test_every_command_works_from_there(shops: tuple[Shop, Shop], tmp_path: Path) -> None:
    """Checked, trained, scored, simulated and loaded: the same figures, and no secret kept."""
    here, there = shops
    scored = []
    for shop in shops:
        for command in ("check", "train", "policy", "simulate"):
            result = shop.run(command)
            assert result.exit_code == 0, result.output
        table = here.data / "loans.csv"
        target = shop.folder / "scores.csv"
        assert shop.score(table, target).exit_code == 0
        scored.append(target.read_text(encoding="utf-8"))
    assert scored[0] == scored[1]
    in_bucket = there.score(_address(there), tmp_path / "bucket.csv")
    assert in_bucket.exit_code == 0, in_bucket.output
    assert (tmp_path / "bucket.csv").read_text(encoding="utf-8") == scored[0]
    book = there.score(as_book(read_rows(here.data / "loans.csv"), tmp_path / "b.xlsx"),
                       tmp_path / "book.csv")  # fmt: skip
    assert book.exit_code == 0, book.output
    assert (tmp_path / "book.csv").read_text(encoding="utf-8") == scored[0]
    kept = "".join(there.kept_texts.values())
    for word in (SECRET, "postgresql://", CANARY):
        assert word not in kept
    assert VARIABLE in kept


def _address(shop: Shop) -> Path:
    return Path(str(load_product(shop.folder).product.applications.paths[0]))


def test_since_last_loads_what_came_since(shops: tuple[Shop, Shop], postgres: str) -> None:
    """New rows, rows of the very same instant and nothing else are read; a second time, none."""
    _, there = shops
    for command in ("train", "policy"):
        assert there.run(command).exit_code == 0
    size = len(payment_rows(loan_rows()))
    assert _loaded(there, "--since", "last") == [str(size), "0", "0", "all", "were", "read"]
    newest = max(payment_rows(loan_rows()), key=lambda row: row["paid_at"])
    insert(
        postgres,
        [
            {**newest, "payment_id": "SAME"},
            {**newest, "payment_id": "LATER", "paid_at": "2026-01-01T00:00:00Z"},
            {**newest, "payment_id": "EARLIER", "paid_at": "2023-01-01T00:00:00Z"},
        ],
    )
    told = _loaded(there, "--since", "last")
    assert told == ["2", "1", "0", "not", "counted"]
    assert _loaded(there, "--since", "last")[:2] == ["0", "1"]
    since = datetime(2022, 12, 31, tzinfo=UTC)
    later = sum(
        datetime.fromisoformat(one["paid_at"]) >= since for one in payment_rows(loan_rows())
    )
    assert _loaded(there, "--since", "2022-12-31T01:00:00+01:00")[:2] == ["1", str(later + 2)]
    assert _loaded(there)[:2] == ["0", str(size + 3)]


def _loaded(shop: Shop, *words: str) -> list[str]:
    result = shop.invoke("events", "load", "shop", *words)
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.output.splitlines() if line.strip().startswith("payments")]
    return line.split()[1:]


def test_since_reads_files_too_and_counts_what_is_older(shops: tuple[Shop, Shop]) -> None:
    here, _ = shops
    for command in ("train", "policy"):
        assert here.run(command).exit_code == 0
    size = len(payment_rows(loan_rows()))
    since = loan_rows()[99]["asked_at"]
    newer = sum(row["paid_at"] >= since for row in payment_rows(loan_rows()))
    told = _loaded(here, str(here.data), "--since", since)
    assert told == [str(newer), "0", "0", str(size - newer)]
    assert _loaded(here, str(here.data), "--since", "last") == ["0", "1", "0", str(size - 1)]
    for wrong in ("yesterday", "2024-01-01", "2024-01-01T00:00:00"):
        told_once(
            here.invoke("events", "load", "shop", here.data, "--since", wrong),
            "since:", "is no instant with a zone",
        )  # fmt: skip
    told_once(here.invoke("events", "load", "shop"), "no source is declared to lie elsewhere")


def test_a_bucket_may_be_the_data_folder(shops: tuple[Shop, Shop], lake: Lake) -> None:
    here, _ = shops
    for name in ("loans.csv", "payments.csv"):
        lake.put(f"all/{name}", (here.data / name).read_bytes())
    folder = f"s3://{lake.bucket}/all"
    result = here.run("train", "--data", folder)
    assert result.exit_code == 0, result.output
    assert here.run("policy").exit_code == 0
    size = str(len(payment_rows(loan_rows())))
    assert _loaded(here, folder)[:2] == [size, "0"]
    assert _loaded(here, f"{folder}/payments.csv")[:2] == ["0", size]
    told_once(here.run("check", "--data", f"s3://{lake.bucket}/al"), "did you mean 'all'?")
    told_once(here.run("check", "--data", "s3://no-such-bucket"), "no bucket 'no-such-bucket'")


def test_a_product_is_scaffolded_from_a_spreadsheet_and_from_a_bucket(
    shops: tuple[Shop, Shop], lake: Lake, tmp_path: Path
) -> None:
    """What is written down reads the table where it lies."""
    here, _ = shops
    rows = [{name: cell for name, cell in row.items() if name not in {"full_name", "born"}}
            for row in read_rows(here.data / "loans.csv")]  # fmt: skip
    book = as_book(rows, tmp_path / "loans.xlsx")
    lake.put("in/loans.xlsx", book.read_bytes())
    lake.put("in/loans.csv", (here.data / "loans.csv").read_bytes())
    for name, table in (
        ("book", str(book)), ("lake", f"s3://{lake.bucket}/in/loans.csv"),
        ("both", f"s3://{lake.bucket}/in/loans.xlsx"),
    ):  # fmt: skip
        made = Shop(folder=tmp_path / name, home=tmp_path / "made")
        result = made.run("new", "--applications", table, "--bad", "defaulted")
        assert result.exit_code == 0, result.output
        loaded = load_product(made.folder).product
        assert loaded.applications.id == "loan_id"
        result = made.run("check")
        assert result.exit_code == 0, result.output
        assert "300" in result.output
    told_once(
        made.run("new", "--applications", f"s3://{lake.bucket}/nothing.csv", "--bad", "defaulted"),
        "product.py",
    )
    told_once(
        Shop(folder=tmp_path / "x", home=tmp_path).run(
            "new", "--applications", f"s3://{lake.bucket}/nothing.csv", "--bad", "defaulted"
        ),
        "--applications", "no object s3://",
    )  # fmt: skip


def test_a_variable_that_is_not_set_and_a_wrong_table_are_told(
    shops: tuple[Shop, Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, there = shops
    text = (there.folder / "product.py").read_text(encoding="utf-8")
    there.declare(text.replace("crm.payments", "crm.paymnts"))
    told_once(there.run("check"), "no table 'crm.paymnts'", "did you mean 'crm.payments'?")
    monkeypatch.delenv(VARIABLE)
    told_once(there.run("check"), f"{VARIABLE} is not set", "postgresql://USER:PASSWORD@HOST/NAME")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    told_once(there.run("check"), "AWS_ACCESS_KEY_ID is not set")


def test_customers_of_a_campaign_may_lie_in_a_spreadsheet_or_a_bucket(
    shops: tuple[Shop, Shop], lake: Lake, tmp_path: Path
) -> None:
    here, _ = shops
    for command in ("train", "policy"):
        assert here.run(command).exit_code == 0
    rows = [{"customer": row["customer"], "income": row["income"], "months": row["months"]}
            for row in loan_rows()[:50]]  # fmt: skip
    plain = tmp_path / "customers.csv"
    with plain.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    address = lake.put("customers.csv", plain.read_bytes())
    found = []
    for table in (plain, as_book(rows, tmp_path / "customers.xlsx"), address):
        target = tmp_path / "eligible.csv"
        result = here.run("campaign", str(table), "-o", target, "--confidence", "0.5",
                          "--as-of", "2024-06-01T00:00:00Z")  # fmt: skip
        assert result.exit_code == 0, result.output
        found.append(target.read_text(encoding="utf-8"))
    assert found[0] == found[1] == found[2]
    assert found[0].count("\n") > 3
