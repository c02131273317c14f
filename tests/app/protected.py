"""A lender with protected attributes, and a gap between groups that is planted or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LOANS = 6000
PRODUCT = """
from solvent import (
    Applications, Attributes, Product, behaviour, category, equals, integer, number, own, ratio,
)

loans = Applications(
    name="loans", files="loans.parquet", id="loan", key="customer",
    columns={
        "income": number("EUR", title="income"),
        "shoes": number(title="shoe size"),
        "wealth": number(title="wealth"),
        "town": category(title="town"),
        "sex": category(title="sex"),
        "age": integer("years", title="age"),
    },
)
people = Attributes(
    name="people", title="person", files="people.parquet", key="customer",
    columns={"faith": category(title="faith"), "children": integer(title="children")},
)

product = Product(
    name="protected", title="Loans to all", applications=loans, sources=(people,),
    features=[FEATURES], technique="TECHNIQUE", bad=equals("bad", 1, matured="given"),
    protected=("sex", "age", "faith"),
    waivers=(),
)
"""
PLAIN = "behaviour(loans, only=('income', 'shoes', 'wealth', 'town'))"


def write_protected(
    folder: Path, *, planted: bool, features: str = PLAIN, technique: str = "logistic"
) -> Path:
    """Write product.py and its data.

    Where planted, women are bad twice as often as their PD can know and earn half as much; shoes
    are smaller. Where not, nothing but shoes differs between the groups.
    """
    rng = np.random.default_rng(17)
    women = rng.random(LOANS) < 0.4
    income = rng.lognormal(7.5 - 1.1 * (women & planted), 0.5)
    wealth = rng.normal(size=LOANS)
    log_odds = -1.6 - 1.6 * (np.log(income) - 7.5) - 0.4 * wealth
    sex = pa.array(np.where(women, "woman", "man"), mask=rng.random(LOANS) < 0.05, type=pa.string())
    loans = {
        "loan": np.arange(LOANS),
        "customer": [f"c{number:05d}" for number in range(LOANS)],
        "income": income,
        "shoes": rng.normal(42.0 - 4.0 * women, 1.5),
        "wealth": wealth,
        "town": rng.choice(["Ash", "Birch", "Cedar"], LOANS),
        "sex": sex,
        "age": rng.integers(18, 80, LOANS),
        "bad": (rng.random(LOANS) < 1.0 / (1.0 + np.exp(-log_odds))).astype(int),
    }
    people = {
        "customer": loans["customer"],
        "faith": rng.choice(["many", "some"], LOANS, p=[0.7, 0.3]),
        "children": rng.integers(0, 4, LOANS),
    }
    (folder / "data").mkdir(parents=True)
    pq.write_table(pa.table(loans), folder / "data" / "loans.parquet")
    pq.write_table(pa.table(people), folder / "data" / "people.parquet")
    text = PRODUCT.replace("FEATURES", features).replace("TECHNIQUE", technique)
    (folder / "product.py").write_text(text, encoding="utf-8")
    return folder
