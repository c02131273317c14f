"""Plain tables to scaffold products from, and how to look at what came of them."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from solvent.app.new import NewRequest, NewResult, new
from solvent.product import Product, load_product
from solvent.sources import connect, open_table, refusals

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("SOLVENT_REAL_DATA", ROOT.parent / "shared" / "data"))
ROWS = 240
Columns = Mapping[str, Sequence[object]]


def loans(rows: int = ROWS) -> dict[str, list[object]]:
    """Return a plain table of loans, in which one in four is bad."""
    draw = random.Random(7)  # noqa: S311 - made-up rows
    return {
        "loan_id": [f"L{10_000 + row}" for row in range(rows)],
        "income": [f"{draw.randint(500, 9000)}.{draw.randint(10, 99)}" for _ in range(rows)],
        "age": [draw.randint(18, 70) for _ in range(rows)],
        "sex": [draw.choice("FM") for _ in range(rows)],
        "region_code": [draw.randint(1, 9) for _ in range(rows)],
        "has_car": [draw.choice("YN") for _ in range(rows)],
        "score": [round(draw.gauss(0, 1), 5) for _ in range(rows)],
        "defaulted": [int(row % 4 == 0) for row in range(rows)],
    }


def write_csv(
    path: Path, columns: Columns, *, separator: str = ",", encoding: str = "utf-8"
) -> Path:
    lines = [separator.join(columns)]
    lines += [separator.join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def write_parquet(path: Path, columns: Columns) -> Path:
    pq.write_table(pa.table({name: list(values) for name, values in columns.items()}), path)
    return path


def scaffold(folder: Path, table: Path, bad: str = "defaulted", **options: str) -> NewResult:
    return new(NewRequest(folder=folder, applications=table, bad=bad, **options))


def product_of(folder: Path) -> Product:
    return load_product(folder).product


def text_of(folder: Path) -> str:
    return (folder / "product.py").read_text(encoding="utf-8")


def kinds(product: Product) -> dict[str, str]:
    return {name: kind.kind.value for name, kind in product.applications.columns.items()}


def accepted(folder: Path) -> tuple[int, int]:
    """Return (rows read, rows accepted) of the applications, opened as training opens them."""
    product = product_of(folder)
    connection = connect()
    try:
        data = folder / product.data
        with open_table(
            connection, product.applications, data, extra=dict(product.bad.columns)
        ) as table:
            found = refusals(table)
    finally:
        connection.close()
    return found.read, found.accepted


def formatted(path: Path) -> bool:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--check",
        "--line-length",
        "100",
        "--isolated",
    ]
    return subprocess.run([*command, str(path)], capture_output=True, check=False).returncode == 0
