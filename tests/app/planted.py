"""A lender whose features are planted: a driver, its copy, noise, a leak, one that turns round."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

PRODUCT = """
from solvent import Applications, Product, behaviour, category, equals, flag, integer, number

loans = Applications(
    name="loans", files="loans.parquet", id="loan", key="customer", as_of={as_of}, zone="UTC",
    columns={{
        "driver": number("days", title="days since the last top-up"),
        "copy": number(title="copy of it"),
        "noise": number(title="shoe size"),
        "leak": number(title="reminders sent"),
        "turning": number(title="fashion"),
        "gap": number(title="rating"),
        "label": category(title="handset"),
        "app": flag(title="uses the app"),
        "sex": category(title="sex"),
    }},
)
product = Product(
    name="planted", title="Planted loans", applications=loans, features=[behaviour(loans)],
    bad=equals("bad", 1, matured="given"), protected=("sex",),
    reasons={{"label": "Your handset", "noise": "Your shoes", "*": "Your behaviour"}},
)
"""
LOANS = 4000
DAY = 86_400_000_000
START = 1_704_067_200_000_000


def write_planted(
    folder: Path,
    *,
    dated: bool = True,
    leak: bool = True,
    noise: bool = False,
    loans: int = LOANS,
) -> Path:
    """Write product.py and data/loans.parquet: one loan a customer, over eight months.

    With `noise` nothing tells who goes bad.
    """
    rng = np.random.default_rng(11)
    driver = rng.gamma(2.0, 4.0, loans)
    when = np.sort(rng.integers(0, 240, loans))
    fashion = rng.normal(size=loans)
    app = rng.random(loans) < 0.4
    turn = np.where(when < 150, 0.8, -0.8) * fashion
    log_odds = -2.6 + 0.12 * driver + turn + 0.5 * app
    bad = rng.random(loans) < 1 / (1 + np.exp(-log_odds))
    if noise:
        bad, leak = rng.random(loans) < 0.2, False
    told = np.where(bad, 5.0, 0.0) + rng.normal(size=loans) if leak else rng.normal(size=loans)
    columns = {
        "loan": np.arange(loans),
        "customer": [f"0700{number:06d}" for number in range(loans)],
        "driver": driver,
        "copy": 3.0 * driver + rng.normal(size=loans) * 0.1,
        "noise": rng.normal(size=loans),
        "leak": told,
        "turning": fashion,
        "gap": pa.array(
            rng.normal(size=loans), mask=rng.random(loans) < np.where(bad & (not noise), 0.32, 0.2)
        ),
        "label": rng.choice(["x1", "x2", "x3"], loans),
        "app": app,
        "sex": rng.choice(["secretword", "otherword"], loans),
        "bad": bad.astype(int),
    }
    if dated:
        columns["at"] = pa.array(START + when * DAY, pa.timestamp("us", tz="UTC"))
    (folder / "data").mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / "data" / "loans.parquet")
    as_of = '"at"' if dated else "None"
    (folder / "product.py").write_text(PRODUCT.format(as_of=as_of), encoding="utf-8")
    return folder
