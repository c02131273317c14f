"""A card as text: a page to print, a table, a specification anyone can score with, or SQL."""

from __future__ import annotations

import io
import json
from enum import StrEnum
from typing import Final

from solvent.app.csv_cells import CsvWriter
from solvent.models.card_sql import Dialect, card_sql
from solvent.models.documents import Json
from solvent.models.points import Bin, Line
from solvent.report.card import CardRecord, render_card

FORMAT: Final = "solvent-card/1"
COLUMNS: Final = (
    "characteristic", "kind", "title", "bin", "range", "above", "up_to", "levels", "other_levels",
    "special", "missing", "neutral", "share", "bad_rate", "woe", "log_odds", "points",
)  # fmt: skip
START: Final = "start"
"""The kind of the row that tells what everybody starts with."""


class Format(StrEnum):
    """What a card may be written as."""

    HTML = "html"
    CSV = "csv"
    JSON = "json"
    SQL = "sql"


def card_text(record: CardRecord, kind: Format, dialect: Dialect) -> str:
    """Return a card as text.

    Args:
        record: The card.
        kind: As what.
        dialect: Of SQL; anything else has none.

    Raises:
        MissingExtraError: The `train` extra is not installed, which a page needs.
    """
    if kind is Format.HTML:
        return render_card(record)
    if kind is Format.CSV:
        return _csv(record)
    if kind is Format.JSON:
        return json.dumps(specification(record), indent=2, ensure_ascii=False) + "\n"
    return card_sql(record.card, dialect, title=f"{record.title}, version {record.version}")


def specification(record: CardRecord) -> dict[str, Json]:
    """Return everything needed to score with a card, as JSON.

    docs/card.md tells how it is read.

    Args:
        record: The card.
    """
    card = record.card
    scale, straight = card.scale, card.calibration
    return {
        "format": FORMAT,
        "product": record.product,
        "title": record.title,
        "model_version": record.version,
        "created_at": record.created_at,
        "bad": record.bad_words,
        "scale": {
            "base_score": scale.base_score, "base_odds": scale.base_odds, "pdo": scale.pdo,
        },
        "start_points": card.start,
        "intercept": card.model.intercept,
        "calibration": {
            "intercept": straight.intercept, "slope": straight.slope, "shift": straight.shift,
        },
        "characteristics": [_characteristic(line, record) for line in card.lines],
    }  # fmt: skip


def _characteristic(line: Line, record: CardRecord) -> dict[str, Json]:
    return {
        "name": line.name,
        "title": record.titles.get(line.name, line.name),
        "kind": "number" if line.is_number else "category",
        "coefficient": line.coefficient,
        "standard_error": line.error,
        "iv": line.iv,
        "bins": [_bin(one) for one in line.bins],
    }


def _bin(one: Bin) -> dict[str, Json]:
    return {
        "words": one.words,
        "range": {"above": one.above, "up_to": one.up_to} if one.ranged else None,
        "levels": list(one.levels),
        "other_levels": one.others,
        "special": list(one.special),
        "missing": one.missing,
        "share": one.share,
        "bad_rate": one.bad_rate,
        "woe": one.woe,
        "neutral": one.neutral,
        "log_odds": one.log_odds,
        "points": one.points,
    }


def _csv(record: CardRecord) -> str:
    """Return a row for what everybody starts with, then a row per bin; docs/card.md tells how."""
    out = io.StringIO(newline="")
    writer = CsvWriter(out)
    writer.write(COLUMNS)
    writer.named(COLUMNS, {
        "kind": START, "bin": "Start", "log_odds": record.card.model.intercept,
        "points": record.card.start,
    })  # fmt: skip
    for line in record.card.lines:
        title = record.titles.get(line.name, line.name)
        kind = "number" if line.is_number else "category"
        own = {"characteristic": line.name, "kind": kind, "title": title}
        for one in line.bins:
            writer.named(COLUMNS, own | _cells(one))
    return out.getvalue()


def _cells(one: Bin) -> dict[str, object]:
    """Return a bin as cells; lists are JSON, which nothing takes for a formula or cuts in two."""
    return {
        "bin": one.words, "range": _yes(one.ranged),
        "above": "" if one.above is None else one.above,
        "up_to": "" if one.up_to is None else one.up_to,
        "levels": _listed(one.levels), "other_levels": _yes(one.others),
        "special": _listed(one.special), "missing": _yes(one.missing),
        "neutral": _yes(one.neutral), "share": one.share,
        "bad_rate": "" if one.bad_rate is None else one.bad_rate,
        "woe": one.woe, "log_odds": one.log_odds, "points": one.points,
    }  # fmt: skip


def _listed(values: tuple[float | str, ...]) -> str:
    return json.dumps(list(values), ensure_ascii=False) if values else ""


def _yes(holds: bool) -> str:
    return "yes" if holds else ""
