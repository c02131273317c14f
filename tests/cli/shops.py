"""Tiny lenders on disk: sound, unless a test spoils one thing, and full of personal values."""

from __future__ import annotations

import csv
import math
import random
import zipfile
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

LIVE = PRODUCT.replace(
    "technique=",
    """title="Corner shop", reasons={
        "income*": "What you earn", "months*": "How long we know you", "payments*": "What you paid",
        "*": "Other things you told us",
    },
    form=(
        Question(column="income", text="What do you earn?"),
        Question(column="months", text="Since how many months?"),
    ),
    technique=""",
).replace("import Applications, Events, Product, Waiver", "import Applications, Events, Product")
LIVE = LIVE.replace("from solvent import instant", "from solvent import Question, instant")
"""The shop as it may decide: every feature has a reason that an applicant reads."""

POLICY = """# The corner shop's policy; its cutoffs: come from `solvent cutoff`.
product: shop
name: "first"

cutoffs:
  approve_below: 0.35   # a PD below it gets a loan
  refer_below: 0.6

knock_outs:
  - code: young_account
    when: {feature: months, below: 12}
    reason: The account is too young

offer:
  currency: EUR
  amounts: [50, 100]
  price: 0.1
  variants:
    - {name: cash, title: "=Cash"}

alternatives:
  - name: voucher
    title: Voucher
    approve_below: 0.65

economics:
  currency: EUR
  amount: 100
  rate: 0.2
  lgd: 0.6
"""


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

    @property
    def kept_texts(self) -> dict[str, str]:
        """What a search would find in every file solvent keeps, archives and arrays opened."""
        found = {}
        for path in self.kept:
            raw = path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    raw = b"".join(archive.read(name) for name in archive.namelist())
            # an array keeps text with four bytes a letter
            found[str(path.relative_to(self.home))] = raw.decode(errors="replace") + raw.replace(
                b"\0", b""
            ).decode(errors="replace")
        return found

    def run(self, command: str, *words: str | Path) -> Result:
        """Run `solvent COMMAND FOLDER ...`."""
        environment = {"SOLVENT_HOME": str(self.home), "COLUMNS": "200", **self.environment}
        arguments = [command, str(self.folder), *map(str, words)]
        return CliRunner().invoke(app, arguments, env=environment)

    def invoke(self, *words: str | Path) -> Result:
        """Run `solvent ...`, as it stands."""
        environment = {"SOLVENT_HOME": str(self.home), "COLUMNS": "200", **self.environment}
        return CliRunner().invoke(app, list(map(str, words)), env=environment)

    @property
    def policy(self) -> Path:
        """The policy file."""
        return self.folder / "policy.yaml"

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


def open_live_shop(folder: Path, rows: Sequence[Row] | None = None) -> Shop:
    """Write a shop that may decide, with its policy, and train its model."""
    shop = open_shop(folder, rows, product=LIVE)
    shop.policy.write_text(POLICY, encoding="utf-8")
    result = shop.run("train")
    assert result.exit_code == 0, result.output
    return shop


def told_once(result: Result, *words: str) -> None:
    """Hold a command to have refused in words: what is wrong, where, what to do, and of nobody."""
    assert result.exit_code == 1, result.output
    for text in ("Traceback", CANARY, BORN, "bug in solvent"):
        assert text not in result.output
    assert result.output.count("error: ") == 1
    assert "\n  hint: " in result.output
    for word in words:
        assert word in result.output
