"""The card as a page to print: points added up by hand, and what the sum says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from solvent.models.points import Bin, Line, PointsCard
from solvent.report.figures import MINUS, counted, decimal, moment, percent
from solvent.report.render import render_template

STEPS: Final = 10
"""Scores told with their PD."""
DIGITS: Final = 4
MOST_DIGITS: Final = 17
"""Digits that part any two numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """What whole points cost, on applications the card has not seen.

    Args:
        applications: How many.
        auc: Of the sums of whole points.
        auc_exact: Of the scores unrounded.
        agreement: Rank correlation of the two, in [-1, 1].
        furthest: The largest difference, in points.
    """

    applications: int
    auc: float
    auc_exact: float
    agreement: float
    furthest: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardRecord:
    """A card and everything its page says.

    Args:
        product: Name of the product.
        title: What a person calls it.
        version: Of the model.
        created_at: ISO instant.
        bad_words: What bad means.
        card: The card.
        titles, units: Of features, by name.
        auc: On the test applications; None where it cannot be told.
        learnt_from: Training applications.
        rounding: What rounding costs; None where it cannot be told.
    """

    product: str
    title: str
    version: int
    created_at: str
    bad_words: str
    card: PointsCard
    titles: Mapping[str, str]
    units: Mapping[str, str]
    auc: float | None
    learnt_from: int
    rounding: Rounding | None = None


def render_card(record: CardRecord) -> str:
    """Render a card as one page of HTML that needs no other file.

    Args:
        record: The card.

    Raises:
        MissingExtraError: The `train` extra is not installed.
    """
    card = record.card
    return render_template(
        "card.html.j2", record=record, card=card, scale=scale_words(record),
        blocks=[_block(line, record) for line in card.lines], ladder=_ladder(card),
        example=_example(card), rounding=rounding_words(record.rounding),
        created=moment(record.created_at),
        learnt=counted(record.learnt_from, "application"), auc=decimal(record.auc),
    )  # fmt: skip


def scale_words(record: CardRecord) -> str:
    """Return the scale in words."""
    scale = record.card.scale
    pd = percent(record.card.pd_at(scale.base_score))
    return (
        f"{scale.pdo:g} points double the odds; {scale.base_score:g} points are "
        f"{scale.base_odds:g} good loans to a bad one, a PD of {pd}."
    )


def rounding_words(found: Rounding | None) -> str:
    """Return what whole points cost, in a sentence; empty where it cannot be told."""
    if found is None:
        return ""
    return (
        f"Whole points on {counted(found.applications, 'application')} the card has not seen: AUC "
        f"{decimal(found.auc, 4)}, unrounded {decimal(found.auc_exact, 4)}; ranks agree to "
        f"{decimal(found.agreement, 4)}; no score moves by more than "
        f"{decimal(found.furthest, 1)} points."
    )


def _block(line: Line, record: CardRecord) -> dict[str, object]:
    unit = record.units.get(line.name, "")
    digits = digits_apart(line)
    empty = tuple(one for one in line.bins if _is_idle(one))
    return {
        "title": record.titles.get(line.name, line.name),
        "name": line.name,
        "unit": unit,
        "rows": [
            {
                "words": bin_words(one, digits), "share": percent(one.share),
                "rate": percent(one.bad_rate), "woe": decimal(one.woe, 2), "points": one.points,
                "neutral": one.neutral,
            }
            for one in line.bins if one not in empty
        ],
        "others": _idle_words(empty, digits),
    }  # fmt: skip


def digits_apart(line: Line) -> int:
    """Return how many digits its ends are written with: four at least, as many as part them."""
    ends = sorted({end for one in line.bins for end in (one.above, one.up_to) if end is not None})
    digits = DIGITS
    while digits < MOST_DIGITS and len({_end(end, digits) for end in ends}) < len(ends):
        digits += 1
    return digits


def bin_words(one: Bin, digits: int = DIGITS) -> str:
    """Return who belongs to a bin, its ends written with so many digits at least and no more.

    Args:
        one: The bin.
        digits: As `digits_apart` tells of its line, so that no two ends of a line look alike.

    >>> bin_words(Bin(
    ...     words="0.1111111 to 1,200, missing", ranged=True, above=1 / 9, up_to=1200.0, levels=(),
    ...     others=False, special=(), missing=True, share=0.1, bad_rate=0.1, woe=0.0,
    ...     neutral=False, log_odds=0.0, points=0,
    ... ))
    '0.1111 to 1,200, missing'
    >>> bin_words(Bin(
    ...     words="2 to 5", ranged=True, above=1.0, up_to=5.0, levels=(), others=False, special=(),
    ...     missing=False, share=0.1, bad_rate=0.1, woe=0.0, neutral=False, log_odds=0.0, points=0,
    ... ))
    '2 to 5'
    """
    ends = [end for end in (one.above, one.up_to) if end is not None]
    if not one.ranged or not ends:
        return one.words
    if all(end.is_integer() for end in ends):  # short already, and of whole numbers said as such
        return one.words.replace("-", MINUS)
    low, high = (None if end is None else _end(end, digits) for end in (one.above, one.up_to))
    told = f"{low} to {high}"
    if low is None or high is None:
        told = f"above {low}" if high is None else f"up to {high}"
    codes = [str(code).removesuffix(".0").replace("-", MINUS) for code in one.special]
    return ", ".join([told, *codes, *(["missing"] if one.missing else [])])


def _end(value: float, digits: int) -> str:
    digits = max(digits, math.ceil(math.log10(abs(value) + 1.0)))
    return f"{float(f'{value:.{digits}g}'):,}".removesuffix(".0").replace("-", MINUS)


def _is_idle(one: Bin) -> bool:
    """Tell a bin that held nobody in training, and counts neither for nor against."""
    return one.neutral and one.share == 0.0


def _idle_words(bins: tuple[Bin, ...], digits: int) -> dict[str, object] | None:
    if not bins:
        return None
    words = " or ".join(bin_words(one, digits) for one in bins)
    return {"words": words, "points": bins[0].points}


def _ladder(card: PointsCard) -> list[dict[str, object]]:
    """Return scores with their PD, from low to high, at even and round steps."""
    low, high = card.range
    step = max(1, round((high - low) / STEPS))
    step = next((nice for nice in (5, 10, 20, 25, 50, 100, 200, 250, 500) if nice >= step), step)
    first = -(-low // step) * step
    return [
        {"score": score, "pd": percent(card.pd_at(score))} for score in range(first, high + 1, step)
    ]


def _example(card: PointsCard) -> dict[str, object]:
    low, high = card.range
    return {
        "low": low, "high": high, "low_pd": percent(card.pd_at(low)),
        "high_pd": percent(card.pd_at(high)),
    }  # fmt: skip
