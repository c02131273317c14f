"""A corner shop where what tells the outcome changes: a faint number becomes the strongest."""

from __future__ import annotations

import random
from pathlib import Path

from tests.cli.shops import Row, Shop, loan_rows, open_shop

ROWS = 1_050
LATE = 0.56
"""From this share of the applications on `ratio` tells who goes bad; before, it tells little."""


def late_rows() -> list[Row]:
    """Return applications whose months tell much, and whose ratio tells more, but late."""
    draw = random.Random(9)  # noqa: S311 - figures, not secrets
    rows = loan_rows(ROWS)
    for place, row in enumerate(rows):
        row["income"] = f"{draw.randrange(500, 5_000)}.50"
        bad = draw.random() < (0.6 if int(row["months"]) < 45 else 0.12)
        row["defaulted"] = str(int(bad))
        late = place >= LATE * ROWS
        told = (3.0 * bad + draw.random()) / 4.0 if late else 0.1 * bad + 0.9 * draw.random()
        row["ratio"] = f"{told:.4f}"
    return rows


def late_shop(root: Path, *, most: int = 1) -> Shop:
    """Open the shop; of its features as many are selected, judged on all rows `ratio` first."""
    shop = open_shop(root, late_rows())
    text = (shop.folder / "product.py").read_text(encoding="utf-8")
    text = text.replace("product = Product(", f"product = Product(select=Selection(most={most}), ")
    shop.declare(
        text.replace("from solvent import instant", "from solvent import Selection, instant")
    )
    return shop
