"""Tiny lenders on disk: sound, unless a test spoils one thing, and full of personal values."""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from solvent.cli.main import app

CANARY = "Ada Lovelace-4711"
"""A person's value: whatever is printed or kept must not hold it."""
BORN = "1815-12-10"
START = datetime(2023, 1, 1, tzinfo=UTC)
ROWS = 300
Row = dict[str, str]

PRODUCT = '''"""A corner shop that lends."""

from solvent import Applications, Events, Product, Waiver, behaviour, category, days, equals
from solvent import instant, integer, money, number, total

loans = Applications(
    name="loans", files="loans.csv", id="loan_id", key="customer", as_of="asked_at",
    columns={
        "income": money("EUR"),
        "months": integer("months"),
        "ratio": number(),
        "city": category(),
        "faith": category(),
    },
)
payments = Events(
    name="payments", files="payments.csv", id="payment_id", key="customer", at="paid_at",
    columns={"amount": money("EUR"), "note": category(levels=("cash", "card"))},
)
product = Product(
    name="shop", applications=loans, sources=(payments,),
    features=[behaviour(loans), behaviour(payments, over=(90,))],
    protected=("faith",), technique="logistic",
    bad=equals("defaulted", 1, performance=days(30)),
)
'''


def loan_rows(count: int = ROWS, *, seed: int = 4) -> list[Row]:
    """Return sound applications, every one with a name nobody may see again."""
    draw = random.Random(seed)  # noqa: S311 - figures, not secrets
    rows = []
    for n in range(count):
        income = draw.randrange(500, 5_000)
        risk = 1 / (1 + math.exp((income - 1_500) / 900))
        rows.append(
            {
                "loan_id": f"L{n:04}",
                "customer": f"C{n:04}",
                "asked_at": (START + timedelta(hours=25 * n)).isoformat(),
                "income": f"{income}.50",
                "months": str(draw.randrange(0, 90)),
                "ratio": f"{draw.random():.4f}",
                "city": draw.choice(("Bergen", "Lima")),
                "faith": draw.choice((CANARY, "none")),
                "full_name": CANARY,
                "born": BORN,
                "defaulted": str(int(draw.random() < risk)),
            }
        )
    return rows


def payment_rows(loans: Sequence[Row]) -> list[Row]:
    """Return one payment a customer, a week before the application, and a late one to mature by."""
    rows = []
    for n, loan in enumerate(loans):
        at = datetime.fromisoformat(loan["asked_at"]) - timedelta(days=7)
        rows.append(_payment(n, loan["customer"], at))
    last = datetime.fromisoformat(loans[-1]["asked_at"]) + timedelta(days=60)
    return [*rows, _payment(len(rows), loans[0]["customer"], last)]


def _payment(number: int, customer: str, at: datetime) -> Row:
    return {
        "payment_id": f"P{number}", "customer": customer, "paid_at": at.isoformat(),
        "amount": f"{10 + number % 7}.25", "note": ("cash", "card")[number % 2], "payer": CANARY,
    }  # fmt: skip


def write_rows(path: Path, rows: Iterable[Mapping[str, str]], *, encoding: str = "utf-8") -> Path:
    """Write rows as a CSV file."""
    rows = list(rows)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_rows(path: Path) -> list[Row]:
    """Read a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A product with its tables, and commands run on it.

    Args:
        folder: Holds product.py and the data.
        home: Becomes SOLVENT_HOME.
        environment: Further variables of the commands.
    """

    folder: Path
    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """Where the tables are."""
        return self.folder / "data"

    @property
    def kept(self) -> list[Path]:
        """Every file solvent keeps, drafts and hidden ones too."""
        return sorted(path for path in self.home.rglob("*") if path.is_file())

    def run(self, command: str, *words: str | Path) -> Result:
        """Run `solvent COMMAND FOLDER ...`."""
        environment = {"SOLVENT_HOME": str(self.home), "COLUMNS": "200", **self.environment}
        arguments = [command, str(self.folder), *map(str, words)]
        return CliRunner().invoke(app, arguments, env=environment)

    def score(self, table: Path, target: Path, *words: str) -> Result:
        """Run `solvent score` with ids in the predictions."""
        return self.run("score", table, "-o", target, "--with", "id", *words)

    def declare(self, text: str) -> None:
        """Write another product.py."""
        (self.folder / "product.py").write_text(text, encoding="utf-8")


def open_shop(folder: Path, rows: Sequence[Row] | None = None, *, product: str = PRODUCT) -> Shop:
    """Write a product and its tables below `folder`.

    Args:
        folder: A folder of the test's own.
        rows: The applications; None for sound ones.
        product: Text of product.py.
    """
    shop = Shop(folder=folder / "shop", home=folder / "home")
    shop.data.mkdir(parents=True)
    shop.declare(product)
    rows = loan_rows() if rows is None else rows
    write_rows(shop.data / "loans.csv", rows)
    write_rows(shop.data / "payments.csv", payment_rows(loan_rows()))
    return shop
