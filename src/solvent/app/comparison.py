"""One client's values beside others': percentiles, typical ranges, distributions, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvent.app.live_product import LiveProduct
from solvent.errors import NotServedError
from solvent.features import (
    Aggregate,
    CategoryColumn,
    Column,
    Feature,
    Kind,
    NumberColumn,
    Op,
    Own,
)
from solvent.features.expressions import Type
from solvent.models.chain import chain_of
from solvent.policy import band_of
from solvent.policy.conditions import Value
from solvent.scoring import score

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
NOT_KNOWN = "not known"
SIMILAR_SHARE = 0.1
MOST_LEVELS, FEWEST_IN_GROUP, MOST_GROUPS = 12, 30, 12
BINS = 20
_FLAGS = {0.0: "no", 1.0: "yes"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Clients to compare one client with.

    Args:
        name: "all", "similar", "band", "model" or "level:<feature>".
        words: What a person calls them.
        members: Which of the population they are, shape (n,).
    """

    name: str
    words: str
    members: BoolArray

    def json(self) -> dict[str, Any]:
        """Return its name, words and size."""
        return {"name": self.name, "words": self.words, "size": int(self.members.sum())}


def groups_of(live: LiveProduct, values: Mapping[str, Value], pd: float) -> tuple[Group, ...]:
    """Return the groups one client can be compared with, everybody first.

    Args:
        live: The product: its population are the test applications kept with the model.
        values: The client's values.
        pd: The client's PD.
    """
    population = live.population
    everybody = np.ones(len(population), np.bool_)
    found = [Group(name="all", words=f"all {len(population):,} clients", members=everybody)]
    distance = np.abs(np.log(population.pd / (1 - population.pd)) - np.log(pd / (1 - pd)))
    nearest = np.argsort(distance, kind="stable")[: max(round(SIMILAR_SHARE * len(distance)), 1)]
    similar = np.zeros(len(population), np.bool_)
    similar[nearest] = True
    found.append(Group(name="similar", words="clients with a similar risk", members=similar))
    bands = live.policy.bands
    if bands:
        band = band_of(bands, int(score(np.array([pd]), live.scale)[0]))
        points = score(population.pd, live.scale)
        same = np.array([band_of(bands, int(one)) == band for one in points.tolist()])
        words = f"clients in band {band.name}" if band else "clients below every band"
        found.append(Group(name="band", words=words, members=same))
    found += _same_model(live, values)
    found += _level_groups(live, values)
    return tuple(one for one in found if one.members.sum() >= FEWEST_IN_GROUP or one.name == "all")


def _same_model(live: LiveProduct, values: Mapping[str, Value]) -> Iterator[Group]:
    """Yield those whom the same model of a chain scores; nothing where there is one model."""
    chain = chain_of(live.model)
    if chain is None or len(chain.links) < 2:
        return
    link = next(one for one in chain.links if all(values.get(name) == 1.0 for name in one.asks))
    same = chain.places(live.population.frame) == chain.links.index(link)
    yield Group(name="model", words=f"clients scored alike: {link.words}", members=same)


def _level_groups(live: LiveProduct, values: Mapping[str, Value]) -> list[Group]:
    found = []
    for feature in live.program.features:
        column = live.population.frame[feature.name]
        label = values.get(feature.name)
        if not isinstance(column, CategoryColumn) or not isinstance(label, str):
            continue
        if len(np.unique(column.codes)) > MOST_LEVELS or label not in column.levels:
            continue
        same = column.codes == column.levels.index(label)
        words = f"clients with the same {_small(_title(live, feature.name))}: {label}"
        found.append(Group(name=f"level:{feature.name}", words=words, members=same))
    return found[:MOST_GROUPS]


def group_named(groups: Sequence[Group], name: str) -> Group:
    """Return one of the groups.

    Raises:
        NotServedError: There is none of that name.
    """
    for group in groups:
        if group.name == name:
            return group
    raise NotServedError(
        "no such group", hint=f"choose from {', '.join(one.name for one in groups)}", field="group"
    )


def value_json(
    live: LiveProduct, feature: Feature, value: Value, group: Group, weight: float | None
) -> dict[str, Any]:
    """Return one value beside those of a group.

    Args:
        live: The product.
        feature: What it is a value of.
        value: The client's.
        group: Whom it is compared with.
        weight: What it added to the log-odds of bad; None where the model does not read it.
    """
    told = live.facts["texts"][feature.name]
    column = live.population.frame[feature.name]
    unit = told["unit"]
    line: dict[str, Any] = {
        "feature": feature.name, "title": told["title"], "unit": unit, "theme": told["theme"],
        "text": text_of_value(feature, value, unit), "value": value, "percentile": None,
        "typical_text": NOT_KNOWN, "low": None, "median": None, "high": None, "share": None,
        "effect": weight,
    }  # fmt: skip
    if isinstance(column, NumberColumn):
        known = column.values[group.members]
        known = known[~np.isnan(known)]
        if len(known):
            low, median, high = (float(q) for q in np.quantile(known, [0.25, 0.5, 0.75]))
            line |= {"low": low, "median": median, "high": high}
            line["typical_text"] = _range_text(feature, low, high, unit)
            if isinstance(value, float):
                line["percentile"] = _percentile(known, value)
        return line
    codes = column.codes[group.members]
    counts = np.bincount(codes[codes >= 0], minlength=max(len(column.levels), 1))
    if counts.sum():
        most = int(np.argmax(counts))
        line["typical_text"] = f"{column.levels[most]} ({counts[most] / len(codes):.0%})"
    if isinstance(value, str):
        place = column.levels.index(value) if value in column.levels else None
        line["share"] = 0.0 if place is None else float(counts[place] / max(len(codes), 1))
    return line


def distribution_json(
    live: LiveProduct, feature: Feature, value: Value, group: Group
) -> dict[str, Any]:
    """Return how a value is spread over all clients and over a group."""
    told = live.facts["texts"][feature.name]
    column = live.population.frame[feature.name]
    numbers = isinstance(column, NumberColumn)
    return {
        "feature": feature.name, "title": told["title"], "unit": told["unit"],
        "kind": "number" if numbers else "category", "value": value,
        "text": text_of_value(feature, value, told["unit"]), "group": group.json(),
        "bins": _number_bins(feature, column, group, told["unit"])
        if isinstance(column, NumberColumn) else _level_bins(column, group),
    }  # fmt: skip


def _number_bins(
    feature: Feature, column: NumberColumn, group: Group, unit: str
) -> list[dict[str, Any]]:
    values = column.values
    known = values[~np.isnan(values)]
    bins: list[dict[str, Any]] = []
    if len(known):
        edges = _edges(known)
        inside = np.clip(known, edges[0], edges[-1])
        every, _ = np.histogram(inside, edges)
        own = values[group.members]
        own = np.clip(own[~np.isnan(own)], edges[0], edges[-1])
        mine, _ = np.histogram(own, edges)
        for place in range(len(edges) - 1):
            low, high = float(edges[place]), float(edges[place + 1])
            bins.append(
                {
                    "low": low, "high": high, "label": _range_text(feature, low, high, unit),
                    "all": float(every[place] / len(values)),
                    "group": float(mine[place] / max(int(group.members.sum()), 1)),
                }
            )  # fmt: skip
    return bins + _unknown_bin(np.isnan(values), group)


def _edges(known: FloatArray) -> FloatArray:
    """Return bin edges: a bin for each value where they are few, else even ones between tails."""
    distinct = np.unique(known)
    if len(distinct) <= BINS and bool((distinct == np.rint(distinct)).all()):
        whole: FloatArray = np.append(distinct, distinct[-1] + 1.0)
        return whole
    low, high = np.quantile(known, [0.01, 0.99])
    if low == high:
        low, high = float(known.min()), float(known.max())
    edges: FloatArray = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    return edges


def _level_bins(column: CategoryColumn, group: Group) -> list[dict[str, Any]]:
    known = column.codes >= 0
    size = max(len(column.levels), 1)
    every = np.bincount(column.codes[known], minlength=size)
    own = np.bincount(column.codes[known & group.members], minlength=size)
    order = [place for place in np.argsort(-every, kind="stable").tolist() if every[place]]
    total, mine = len(column.codes), max(int(group.members.sum()), 1)
    bins: list[dict[str, Any]] = [
        {
            "low": None, "high": None, "label": column.levels[place],
            "all": float(every[place] / total), "group": float(own[place] / mine),
        }
        for place in order[:BINS]
    ]  # fmt: skip
    rest = order[BINS:]
    if rest:
        bins.append(
            {
                "low": None, "high": None, "label": f"{len(rest)} others",
                "all": float(every[rest].sum() / total), "group": float(own[rest].sum() / mine),
            }
        )  # fmt: skip
    return bins + _unknown_bin(~known, group)


def _unknown_bin(unknown: BoolArray, group: Group) -> list[dict[str, Any]]:
    if not unknown.any():
        return []
    mine = unknown[group.members]
    return [
        {
            "low": None, "high": None, "label": NOT_KNOWN, "all": float(unknown.mean()),
            "group": float(mine.mean()) if len(mine) else 0.0,
        }
    ]  # fmt: skip


def _percentile(known: FloatArray, value: float) -> float:
    """Return the share of known values below one, ties counting half.

    >>> _percentile(np.array([1.0, 2.0, 2.0, 3.0]), 2.0)
    0.5
    """
    return float(((known < value).sum() + 0.5 * (known == value).sum()) / len(known))


def text_of_value(feature: Feature, value: Value, unit: str) -> str:
    """Return a value as a person reads it."""
    if value is None:
        return NOT_KNOWN
    if isinstance(value, str):
        return value or "(empty)"
    if _is_flag(feature):
        return _FLAGS.get(value, f"{value:g}")
    if isinstance(feature, Aggregate) and feature.op is Op.SHARE:
        return f"{value:.0%}".replace("%", " %")
    return f"{_figure(value)} {unit}".strip()


def _range_text(feature: Feature, low: float, high: float, unit: str) -> str:
    if low == high:
        return text_of_value(feature, low, unit)
    if isinstance(feature, Aggregate) and feature.op is Op.SHARE:
        return f"{low:.0%} to {high:.0%}".replace("%", " %")
    if _is_flag(feature):
        return "no or yes"
    return f"{_figure(low)} to {_figure(high)} {unit}".strip()


def _figure(value: float) -> str:
    """Return a number with as many decimals as it deserves.

    >>> _figure(1234.5), _figure(12.34), _figure(3.0), _figure(0.1234)
    ('1,234', '12.3', '3', '0.12')
    """
    if value == round(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def _is_flag(feature: Feature) -> bool:
    picks = isinstance(feature, Own) or (
        isinstance(feature, Aggregate) and feature.op in {Op.LAST, Op.ATTRIBUTE}
    )
    value = getattr(feature, "value", None)
    if not picks or value is None:
        return False
    flag = isinstance(value, Column) and value.declared.kind is Kind.FLAG
    return flag or value.type is Type.TRUTH


def _title(live: LiveProduct, feature: str) -> str:
    return str(live.facts["texts"][feature]["title"])


def _small(words: str) -> str:
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
