"""The notebook that repeats a study and lets its reader go on: code and words, no data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from solvent.report.render import optional
from solvent.report.write import replace_whole

VERSION = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookPlace:
    """What a notebook is about.

    Args:
        title: Of the product.
        product: Folder of the product.
        data: The data folder.
        seed: Of the study.
        first: Name of the feature it looks at first.
        dated: Whether the applications have times.
    """

    title: str
    product: Path
    data: Path
    seed: int
    first: str
    dated: bool


def write_notebook(place: NotebookPlace, path: Path) -> Path:
    """Write the notebook: cells without results, so that it holds nothing of any person.

    Folders are named relative to the notebook, so both can be moved together.

    Args:
        place: What it is about.
        path: Where to; its folder must exist.

    Raises:
        MissingExtraError: The `train` extra is not installed.
        WriteError: It cannot be written.
    """
    nbformat = optional("nbformat")
    made = nbformat.v4.new_notebook(
        cells=[
            (nbformat.v4.new_markdown_cell if kind == "words" else nbformat.v4.new_code_cell)(
                text, id=f"cell-{number:02d}"
            )
            for number, (kind, text) in enumerate(_cells(place, path.parent))
        ],
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.validate(made)
    replace_whole(path, nbformat.writes(made, version=VERSION) + "\n")
    return path


def _relative(target: Path, start: Path) -> str:
    """Return a folder as seen from the notebook's, with forward slashes."""
    return Path(os.path.relpath(target.resolve(), start.resolve())).as_posix()


def _cells(place: NotebookPlace, here: Path) -> list[tuple[str, str]]:
    product, data = _relative(place.product, here), _relative(place.data, here)
    told = {
        "TITLE": place.title, "PRODUCT": repr(product), "DATA": repr(data),
        "SEED": str(place.seed), "FEATURE": repr(place.first),
    }  # fmt: skip
    cells = [*_CELLS, *(_DATED if place.dated else ()), *_LAST]
    filled = []
    for kind, text in cells:
        said = text
        for word, value in told.items():
            said = said.replace(f"<{word}>", value)
        filled.append((kind, said.strip()))
    return filled


_CELLS = (
    (
        "words",
        """
# <TITLE>: the feature study, to go on with

This notebook makes the study again from the product's declaration and its data, and shows how to
change a question. It holds no results until you run it, and nothing leaves this machine.

If you move it, change the two folders below: they are relative to where the notebook lies.
""",
    ),
    (
        "code",
        """
import time
from pathlib import Path

import altair as alt
import numpy as np
from IPython.display import Markdown, display

from solvent.app.explore import ExploreRequest, explore
from solvent.binning import bin_counts, iv, iv_interval, quantile_bins, woe
from solvent.metrics import auc_interval, wilson_interval
from solvent.product import load_product
from solvent.report.study_words import bin_words, heading, sentence
from solvent.store import home

PRODUCT = Path(<PRODUCT>)
DATA = Path(<DATA>)
SEED = <SEED>

alt.renderers.enable("svg")  # drawn as pictures, nothing is loaded from elsewhere


def table(headings, rows):
    lines = [" | ".join(headings), " | ".join("---" for _ in headings)]
    lines += [" | ".join(str(cell).replace("|", "/") for cell in row) for row in rows]
    display(Markdown("\\n".join(lines)))
""",
    ),
    (
        "words",
        """
## The whole study

`study.record` holds every figure of the page, `study.sample` the features and outcomes it was found
on. Protected columns are in neither.
""",
    ),
    (
        "code",
        """
study = explore(
    ExploreRequest(
        loaded=load_product(PRODUCT), data=DATA, now=time.time_ns() // 1_000, home=home(), seed=SEED
    )
)
record, sample = study.record, study.sample
print(f"{record.n_train + record.n_test:,} applications, {len(record.lines)} features,")
print(f"{sum(line.real for line in record.lines)} stronger than chance")
""",
    ),
    ("words", "## The strongest drivers, in words"),
    (
        "code",
        """
for line in record.drivers[:10]:
    display(Markdown(f"**{heading(line)}** ({line.held}). {sentence(line)}"))
""",
    ),
    ("words", "## The ranking"),
    (
        "code",
        """
table(
    ("feature", "IV", "95 % interval", "line of chance", "AUC alone", "missing", "on others"),
    [
        (
            heading(line), f"{line.iv.iv:.3f}", f"{line.iv.low:.3f} to {line.iv.high:.3f}",
            f"{line.chance_line:.3f}", f"{line.auc.auc:.3f}", f"{line.missing:.1%}", line.held,
        )
        for line in record.lines[:25]
    ],
)
""",
    ),
    ("words", "## What each theme tells alone, and adds to the others"),
    (
        "code",
        """
rows = [
    {"theme": theme.title, "auc": theme.alone.auc, "low": theme.alone.low, "high": theme.alone.high}
    for theme in record.themes
]
base = alt.Chart(alt.InlineData(values=rows)).encode(y=alt.Y("theme:N", sort=None, title=None))
x = alt.X("low:Q", title="AUC of the theme alone", scale=alt.Scale(zero=False))
base.mark_rule().encode(x=x, x2="high:Q") + base.mark_point(filled=True).encode(x="auc:Q")
""",
    ),
    (
        "words",
        """
## One feature closely

Write another name into `FEATURE` (the names are in `sample.frame.names`).
""",
    ),
    (
        "code",
        """
FEATURE = <FEATURE>
line = next(line for line in record.lines if line.name == FEATURE)
rows = [
    {"group": bin_words(line, one), "rate": one.bad_rate, "low": one.low, "high": one.high,
     "n": one.n}
    for one in line.bins
]
base = alt.Chart(alt.InlineData(values=rows)).encode(y=alt.Y("group:N", sort=None, title=None))
x = alt.X("rate:Q", title="bad rate", axis=alt.Axis(format="%"))
bars = base.mark_bar(color="#c9d9e8").encode(x=x)
(bars + base.mark_rule().encode(x="low:Q", x2="high:Q")).properties(title=heading(line))
""",
    ),
)
_DATED = (
    ("words", "## Does it last?"),
    (
        "code",
        """
rows = [
    {"period": one.period, "auc": one.auc.auc, "low": one.auc.low, "high": one.auc.high}
    for one in line.periods
    if one.auc is not None
]
base = alt.Chart(alt.InlineData(values=rows)).encode(x=alt.X("period:O", title=None))
y = alt.Y("low:Q", title="AUC alone", scale=alt.Scale(zero=False))
lines = base.mark_rule().encode(y=y, y2="high:Q") + base.mark_line(point=True).encode(y="auc:Q")
lines.properties(title=heading(line), width=520)
""",
    ),
)
_LAST = (
    (
        "words",
        """
## A question of your own

A value made of two others, or a group cut otherwise: put numbers into `values` and see what they
tell, here on the training side. As it stands it asks whether five groups do as well as ten.
""",
    ),
    (
        "code",
        """
column = sample.frame[FEATURE]
side, bad = sample.train, sample.bad[sample.train]
values = getattr(column, "values", None)
if values is None:  # a category: ask how frequent its label is
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.levels))
    values = np.where(column.codes >= 0, counts[column.codes], np.nan).astype(float)

for groups in (5, 10):
    bins = quantile_bins(values[side], bins=groups)
    place = bins.place(values[side])
    found = iv_interval(place, bad, bins.size, groups=sample.customer[side])
    print(f"{bins.known} groups: IV {found.iv:.3f} ({found.low:.3f} to {found.high:.3f})")

goods, bads = bin_counts(place, bad, bins.size)
table(
    ("up to", "applications", "bad rate", "95 % interval", "woe"),
    [
        (
            [*map("{:g}".format, bins.edges), "above", "unknown"][i],
            f"{goods[i] + bads[i]:,}", f"{bads[i] / (goods[i] + bads[i]):.1%}",
            "{:.1%} to {:.1%}".format(*wilson_interval(int(bads[i]), int(goods[i] + bads[i]))),
            f"{woe(goods, bads)[i]:+.2f}",
        )
        for i in range(bins.size)
        if goods[i] + bads[i]
    ],
)
""",
    ),
)
