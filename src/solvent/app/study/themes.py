"""Features put into themes a person thinks in, and what each theme tells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from solvent.app.study.sample import BoolArray, FloatArray, Sample
from solvent.dataset.plan import reads
from solvent.features import Events, Feature
from solvent.features.describe import capital, plural
from solvent.metrics import AucInterval, auc_difference, auc_interval
from solvent.models.quick import QuickFit, fit_quickly
from solvent.product import Product
from solvent.progress import Progress
from solvent.report.study_record import CutLine, StudyLine, ThemeLine
from solvent.scoring.reasons import text_of

OTHERS = "Everything else"
MOST_THEMES = 24
CUTS = (0.05, 0.1, 0.2)
_UNIT = re.compile(r" \([^()]*\)$")


def themes_of(product: Product, features: Sequence[Feature]) -> dict[str, str]:
    """Return the theme of each feature, by its name.

    Features of an event log belong together under the log's title. Facts about a customer and
    columns of the application are of many kinds, so they go by their reason text: a fact alone in
    its theme is called as its title says, and a table with one theme as the table is called.

    Args:
        product: Declares tables and reasons.
        features: What is looked at.
    """
    tables = {one.name: one for one in (product.applications, *product.sources)}
    found: dict[str, tuple[str, str]] = {}
    for feature in features:
        table = tables.get(table_of(feature), product.applications)
        if isinstance(table, Events):
            found[feature.name] = (table.name, capital(plural(table.words)))
        else:
            text = text_of(feature.name, product.reasons) or capital(table.words)
            found[feature.name] = (table.name, text)
    return _few(_named(found, features, {name: one.words for name, one in tables.items()}))


def _named(
    found: Mapping[str, tuple[str, str]], features: Sequence[Feature], words: Mapping[str, str]
) -> dict[str, str]:
    """Give a theme of one feature that feature's title, and a table's only theme the table's."""
    members: dict[tuple[str, str], list[Feature]] = {}
    for feature in features:
        members.setdefault(found[feature.name], []).append(feature)
    named: dict[str, str] = {}
    for (table, text), inside in members.items():
        only = len({theme for theme in members if theme[0] == table}) == 1
        title = text
        if len(inside) == 1:
            title = capital(
                _UNIT.sub("", inside[0].title.rpartition(": ")[2]).removesuffix(" in days")
            )
        elif only:
            title = text if text == capital(plural(words[table])) else capital(words[table])
        named |= {feature.name: title for feature in inside}
    return named


def _few(named: dict[str, str]) -> dict[str, str]:
    """Put the smallest themes together where there are too many."""
    titles = list(dict.fromkeys(named.values()))
    if len(titles) <= MOST_THEMES:
        return named
    counted = {title: sum(one == title for one in named.values()) for title in titles}
    kept = sorted(titles, key=lambda title: -counted[title])[: MOST_THEMES - 1]
    return {name: title if title in kept else OTHERS for name, title in named.items()}


def table_of(feature: Feature) -> str:
    """Return the table a feature is about; empty where it reads none.

    Args:
        feature: Of any kind.
    """
    table = getattr(feature, "table", None)
    if isinstance(table, str):
        return table
    for part in ("top", "feature", "of"):
        inner = getattr(feature, part, None)
        if isinstance(inner, Feature):
            return table_of(inner)
    return next((column.table for column in reads(feature)), "")


def study_themes(
    sample: Sample, lines: Sequence[StudyLine], quick: QuickFit, *, seed: int, progress: Progress
) -> tuple[ThemeLine, ...]:
    """Return what each theme tells alone, and what it adds to the others; strongest first.

    Args:
        sample: The applications.
        lines: Features, strongest first.
        quick: The quick model of all features.
        seed: The same as of `quick`: the folds are the same.
        progress: Told of every theme.
    """
    members: dict[str, list[str]] = {}
    for line in lines:
        members.setdefault(line.theme, []).append(line.name)
    bad = sample.bad[sample.some]
    found = []
    with progress.step("asking each theme alone, and all without it", 2 * len(members)) as step:
        for title, names in members.items():
            alone = auc_interval(fit_names(sample, names, seed).pd, bad)
            step.advance()
            rest = [line.name for line in lines if line.theme != title]
            adds = None
            if rest:
                without = fit_names(sample, rest, seed).pd
                adds = auc_difference(quick.pd, without, bad)
            step.advance()
            found.append(ThemeLine(title=title, features=tuple(names), alone=alone, adds=adds))
    return tuple(sorted(found, key=lambda theme: (-theme.alone.auc, theme.title)))


def fit_names(sample: Sample, names: Sequence[str], seed: int) -> QuickFit:
    """Fit a quick model of some features on the training side, or on some of its customers.

    Args:
        sample: The applications.
        names: The features.
        seed: Of everything random.
    """
    some = sample.some
    frame = sample.frame.select([name for name in sample.frame.names if name in set(names)])
    return fit_quickly(frame.take(some), sample.bad[some], groups=sample.customer[some], seed=seed)


def cut_lines(pd: FloatArray, bad: BoolArray) -> tuple[CutLine, ...]:
    """Return what turning away the riskiest would have done.

    Args:
        pd: Out-of-fold PD, shape (n,).
        bad: True where the loan went bad, shape (n,).
    """
    order = np.argsort(-pd, kind="stable")
    found = []
    for share in CUTS:
        n = max(1, round(share * len(bad)))
        away, rest = bad[order[:n]], bad[order[n:]]
        found.append(
            CutLine(
                share=share,
                n=n,
                bad_rate=float(away.mean()),
                caught=float(away.sum() / bad.sum()),
                left=float(rest.mean()) if len(rest) else 0.0,
            )
        )
    return tuple(found)


def short_list(
    sample: Sample, record_lines: Sequence[StudyLine], *, most: int, seed: int
) -> tuple[AucInterval, tuple[str, ...]]:
    """Return the AUC of the strongest features alone, and their names.

    Args:
        sample: The applications.
        record_lines: Features that say different things, strongest first.
        most: How many to take.
        seed: The same as of the model of all features.
    """
    names = tuple(line.name for line in record_lines[:most])
    return auc_interval(fit_names(sample, names, seed).pd, sample.bad[sample.some]), names
