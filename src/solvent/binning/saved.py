"""Fitted bins out of plain JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from solvent.binning.fitted import LEVELS, NUMBERS, LevelBinning, NumberBinning
from solvent.binning.homes import Homes
from solvent.binning.levels import LevelBins
from solvent.binning.numbers import NumberBins
from solvent.binning.rules import Trend
from solvent.errors import BundleError


def binning_from_json(document: object) -> NumberBinning | LevelBinning:
    """Return the fitted bins that `to_json` wrote.

    Raises:
        BundleError: A part is missing, of another type, or contradicts another.

    >>> homes = Homes(
    ...     joins=(0, 1, 2), rows=(60, 40, 0), goods=(55.0, 30.0, 0.0), bads=(5.0, 10.0, 0.0),
    ...     neutral=(2,),
    ... )
    >>> bins = NumberBinning(bins=NumberBins(edges=(2.5,)), trend=Trend.ASCENDING, homes=homes)
    >>> binning_from_json(bins.to_json()) == bins
    True
    """
    if not isinstance(document, Mapping):
        raise _damaged("binning", "must be an object")
    trend = document.get("trend")
    _need(trend in set(Trend) - {Trend.AUTO}, "trend", "is not a trend")
    rows, goods, bads = (_numbers(document, name) for name in ("rows", "goods", "bads"))
    joins, neutral = _places(document, "joins"), _places(document, "neutral")
    bins = _bins(document)
    size = len(rows)
    _need(size == len(goods) == len(bads), "rows", "must be as many as goods and bads")
    _need(min(*rows, *goods, *bads, 0.0) == 0.0, "rows", "must be counts >= 0")
    _need(sum(goods) > 0.0 < sum(bads), "rows", "must hold goods and bads")
    _need(len(joins) == bins.size and set(joins) == set(range(size)), "joins", "must name each bin")
    _need(all(place < size for place in neutral), "neutral", "names a bin that is not there")
    whole = tuple(int(count) for count in rows)
    homes = Homes(joins=joins, rows=whole, goods=goods, bads=bads, neutral=neutral)
    if isinstance(bins, NumberBins):
        return NumberBinning(bins=bins, trend=Trend(str(trend)), homes=homes)
    return LevelBinning(bins=bins, trend=Trend(str(trend)), homes=homes)


def _bins(document: Mapping[str, object]) -> NumberBins | LevelBins:
    kind = document.get("kind")
    _need(kind in {NUMBERS, LEVELS}, "kind", f"must be {NUMBERS} or {LEVELS}")
    if kind == NUMBERS:
        edges = _numbers(document, "edges")
        _need(all(low < high for low, high in pairwise(edges)), "edges", "must rise")
        whole = document.get("whole")
        _need(isinstance(whole, bool), "whole", "must be true or false")
        return NumberBins(edges=edges, special=_numbers(document, "special"), whole=bool(whole))
    groups = tuple(_labels(group, "groups") for group in _list(document.get("groups"), "groups"))
    special = _labels(document.get("special"), "special")
    named = [*special, *(label for group in groups for label in group)]
    _need(len(named) == len(set(named)), "groups", "name one level twice")
    return LevelBins(groups=groups, special=special)


def _numbers(document: Mapping[str, object], name: str) -> tuple[float, ...]:
    found = []
    for value in _list(document.get(name), name):
        _need(isinstance(value, int | float) and not isinstance(value, bool), name, "no number")
        found.append(float(str(value)))
    _need(all(map(math.isfinite, found)), name, "must be finite")
    return tuple(found)


def _places(document: Mapping[str, object], name: str) -> tuple[int, ...]:
    found = _numbers(document, name)
    _need(all(value >= 0 and value == int(value) for value in found), name, "must be whole")
    return tuple(int(value) for value in found)


def _labels(value: object, name: str) -> tuple[str, ...]:
    labels = _list(value, name)
    _need(all(isinstance(label, str) for label in labels), name, "must be texts")
    return tuple(str(label) for label in labels)


def _list(value: object, name: str) -> list[object]:
    _need(isinstance(value, list | tuple), name, "must be a list")
    return list(value) if isinstance(value, list | tuple) else []


def _need(holds: bool, field: str, message: str) -> None:
    if not holds:
        raise _damaged(field, message)


def _damaged(field: str, message: str) -> BundleError:
    return BundleError(
        f"the saved bins are damaged: {message}", hint="save the model again", field=field
    )
