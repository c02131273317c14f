"""A small lender gone live: two products trained once a run, and a service of each test's own.

`shop` is a logistic product with a public form, `trees` the same lender by boosted trees, without
a form. Their rows hold a name nobody may see again.
"""

from __future__ import annotations

import atexit
import functools
import math
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import uvicorn

from solvent.app.bootstrap import Service, open_service
from solvent.app.settings import Settings
from solvent.app.train import TrainRequest, train
from solvent.product import load_product
from solvent.serve import create_api
from solvent.store import Role

CANARY = "Ada Lovelace-4711"
START = datetime(2023, 1, 1, tzinfo=UTC)
LOANS = 500
NOW = int(datetime(2025, 6, 1, 12, tzinfo=UTC).timestamp()) * 1_000_000
"""The clock of a service under test: after every row of the lender."""
Row = dict[str, Any]

PRODUCT = '''"""A corner shop that lends."""

from solvent import Applications, Attributes, Events, Letterhead, Product, Question, behaviour
from solvent import category, count, date, days, equals, flag, integer, money, number, own, total

loans = Applications(
    name="loans", files="loans.parquet", id="loan_id", key="customer", as_of="asked_at", zone="UTC",
    columns={
        "amount": money("EUR", title="amount"),
        "income": money("EUR", title="income"),
        "months": integer("months", title="months in work"),
        "ratio": number(title="debt ratio"),
        "city": category(title="city"),
        "owner": flag(title="owns a home"),
        "born": date(title="birth"),
        "faith": category(),
    },
)
payments = Events(
    name="payments", title="payment", files="payments.parquet", id="payment_id", key="customer",
    at="paid_at", available="booked_at", zone="UTC",
    columns={"amount": money("EUR"), "note": category(levels=("cash", "card"))},
)
visits = Events(
    name="visits", title="visit", files="visits.parquet", key="customer", at="at", zone="UTC",
    columns={"minutes": number("minutes", title="minutes spent")},
)
members = Attributes(
    name="members", title="membership", files="members.parquet", key="customer",
    valid_from="since", zone="UTC", columns={"tier": category(title="tier")},
)
product = Product(
    name="PRODUCT_NAME", title="Shop <credit>", applications=loans, amount="amount",
    sources=(payments, visits, members),
    features=[
        behaviour(loans), behaviour(payments, over=(90,)), count(visits, over=days(90)),
        total(visits, visits["minutes"]), behaviour(members),
    ],
    changeable={"amount": "lower", "income": "higher", "ratio": "lower", "visits_count*": "higher"},
    letter=Letterhead(creditor="Shop & Sons", rights=("You may ask <us> why.",)),
    protected=("faith",), technique="TECHNIQUE", split="at_random", key_words="customer number",
    bad=equals("defaulted", 1, matured="given"),
    reasons={
        "income": "What you earn", "months*": "How long you have worked", "ratio*": "Your debts",
        "city*": "Where you live", "owner*": "Whether you own a home", "born*": "Your age",
        "amount*": "The size of the loan", "payments_*": "How you pay", "visits_*": "Your visits",
        "members_*": "Your membership", "*": "Other things we know of you",
    },
    FORM
)
'''
FORM = """form=(
        Question(column="amount", text="How much do you need?", at_least=100, at_most=5000),
        Question(column="income", text="What do you earn?", detail="A month", at_least=0),
        Question(column="months", text="Months in work?", at_least=0, at_most=600),
        Question(column="city", text="Where do you live?"),
        Question(column="owner", text="Do you own your home?"),
        Question(column="born", text="When were you born?", required=False),
        Question(column="ratio", text="Debts over income?", required=False),
    ),"""

POLICY = """
product: PRODUCT_NAME
name: "first"
cutoffs: {approve_below: 0.25, refer_below: 0.40}
knock_outs:
  - code: too_new
    when: {feature: months, below: 3}
    reason: You have worked for less than three months
  - code: far_away
    when: {feature: city, equals: Lima}
    reason: We look at requests from Lima ourselves
    verdict: refer
bands:
  - {name: A, score_from: 560, amount: 2000, price: 0.05}
  - {name: B, score_from: 480, amount: 1000, price: 0.08}
offer:
  currency: EUR
  amounts: [500, 1000, 2000]
  price: 0.10
  term_days: 90
  caps:
    - {feature: income, times: 2, otherwise: 500, at_least: 500}
  variants:
    - name: home_loan
      title: Loan for owners
      when: {feature: owner, equals: 1}
      detail: For those who own a home
    - name: loan
      title: Loan
alternatives:
  - {name: starter, title: A small start, approve_below: 0.5, amount: 100, price: 0.2}
  - {name: saving, title: "=Savings <plan>", approve_below: 1.0, detail: Open to everybody}
economics:
  currency: EUR
  amount: {feature: amount}
  rate: 0.2
  lgd: 0.6
  cost_per_loan: 2
"""

SAFE: Row = {
    "amount": 1000, "income": 4800, "months": 80, "ratio": 0.05, "city": "Bergen", "owner": True,
    "born": "1980-05-06",
}  # fmt: skip
RISKY: Row = {
    "amount": 2000, "income": 600, "months": 10, "ratio": 0.95, "city": "Bergen", "owner": False,
}  # fmt: skip
NEW: Row = {**SAFE, "months": 1}


def loan_rows() -> list[Row]:
    """Return sound applications, later ones of customers who came before among them."""
    draw = random.Random(4)  # noqa: S311 - figures, not secrets
    rows = []
    for n in range(LOANS):
        income, ratio = draw.randrange(500, 5_000), draw.random()
        months, owner = draw.randrange(0, 90), draw.random() < 0.4
        amount = draw.choice((300.0, 500.0, 1000.0, 1500.0, 2000.0))
        margin = (2_200 - income) / 700 + 2.0 * (ratio - 0.6) + amount / 1_500 - owner * 0.7
        rows.append(
            {
                "loan_id": f"L{n:04}", "customer": f"C{n % 400:04}",
                "asked_at": START + timedelta(hours=25 * n, microseconds=n),
                "amount": amount, "income": income + 0.5, "months": months if n % 9 else None,
                "ratio": ratio, "city": draw.choice(("Bergen", "Lima", "Oslo", CANARY[:3])),
                "owner": owner, "born": date(1950 + n % 50, 1 + n % 12, 1 + n % 28),
                "faith": draw.choice((CANARY, "none")), "full_name": CANARY,
                "defaulted": int(draw.random() < 1 / (1 + math.exp(-margin))),
            }
        )  # fmt: skip
    return rows


def source_rows(loans: list[Row]) -> dict[str, list[Row]]:
    """Return rows of each source, by name."""
    draw = random.Random(5)  # noqa: S311 - figures, not secrets
    payments, visits, members = [], [], []
    for n, loan in enumerate(loans):
        for j in range(draw.randrange(0, 5)):
            at = loan["asked_at"] - timedelta(days=draw.randrange(0, 120), seconds=j)
            payments.append(
                {
                    "payment_id": 10 * n + j, "customer": loan["customer"], "paid_at": at,
                    "booked_at": at + timedelta(hours=draw.randrange(0, 48)),
                    "amount": draw.randrange(100, 9_999) / 100,
                    "note": draw.choice(("cash", "card")),
                }
            )  # fmt: skip
        visits += [
            {
                "customer": loan["customer"], "minutes": draw.random() * 30,
                "at": loan["asked_at"] - timedelta(days=draw.randrange(1, 60)),
            }
            for _ in range(draw.randrange(0, 3))
        ]  # fmt: skip
        if n < 400 and n % 3:
            since = loan["asked_at"] - timedelta(days=200)
            tier = draw.choice(("silver", "gold"))
            members.append({"customer": loan["customer"], "since": since, "tier": tier})
    return {"payments": payments, "visits": visits, "members": members}


def as_json(row: Row) -> Row:
    """Return a row as a client would send it."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }


@functools.cache
def home() -> Path:
    """Return a home with both products trained and registered; made once a process."""
    root = Path(tempfile.mkdtemp(prefix="solvent-lender-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    loans = loan_rows()
    for name, technique, form in (("shop", "logistic", FORM), ("trees", "boosted_trees", "")):
        folder = folder_of(root, name)
        (folder / "data").mkdir(parents=True)
        text = PRODUCT.replace("PRODUCT_NAME", name).replace("TECHNIQUE", technique)
        text = text.replace("    FORM\n", f"    {form}\n")
        (folder / "product.py").write_text(text, encoding="utf-8")
        write_policy(folder, POLICY)
        for table, rows in {"loans": loans, **source_rows(loans)}.items():
            pq.write_table(pa.Table.from_pylist(rows), folder / "data" / f"{table}.parquet")
        train(
            TrainRequest(
                loaded=load_product(folder), data=folder / "data", technique=None, seed=0,
                home=root / "home", report=None, created_at="2025-05-01T00:00:00+00:00",
            )
        )  # fmt: skip
    return root


def folder_of(root: Path, name: str) -> Path:
    """Return the folder of a product."""
    return root / "products" / name


def write_policy(folder: Path, text: str) -> None:
    """Write the policy of a product's folder."""
    (folder / "policy.yaml").write_text(text.replace("PRODUCT_NAME", folder.name), encoding="utf-8")


@dataclass(slots=True, kw_only=True)
class Lender:
    """A service of one test, with a key for every role.

    Args:
        root: Holds `home` and `products`.
        service: The service; its clock stands at `NOW` unless a test moves it.
        keys: Role -> key.
    """

    root: Path
    service: Service
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Folder of the product `shop`."""
        return folder_of(self.root, "shop")

    def headers(self, role: str | Role, key: str = "") -> dict[str, str]:
        """Return the headers of a role's request."""
        found = {"Authorization": f"Bearer {self.keys[str(role)]}"}
        return {**found, "Idempotency-Key": key} if key else found

    @contextmanager
    def serving(self, *, worker: bool = False) -> Iterator[httpx.Client]:
        """Serve the API over HTTP on this machine, and give a client of it."""
        api = create_api(self.service, worker=worker)
        server = uvicorn.Server(
            uvicorn.Config(api, host="127.0.0.1", port=0, log_level="warning", access_log=False)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:
            yield http
        server.should_exit = True
        thread.join()


def open_lender(folder: Path) -> Lender:
    """Return a lender with a store and registries of its own.

    Args:
        folder: A folder of the test's own.
    """
    root = folder / "lender"
    shutil.copytree(home(), root)
    folders = [folder_of(root, "shop"), folder_of(root, "trees")]
    service = open_service(Settings(home=root / "home"), folders=folders)
    service.now = lambda: NOW
    lender = Lender(root=root, service=service)
    for role in Role:
        _, lender.keys[str(role)] = service.keys.create(role, name=f"a {role}", created_at=NOW)
    return lender
