"""The charts of the Client page: the scale of scores, what moved the score, one value's spread."""

from __future__ import annotations

import altair as alt
import streamlit as st

from solvent.client import Bin, Distribution, Product, Standing
from solvent.ui import charts
from solvent.ui.charts import ACCENT, GREY, INK, PALE, SOFT, WARN, Row
from solvent.ui.figures import effect_points, effect_words, many, percent, points

ROOM = 45.0
MOST = 8
REST = "Everything else"
ABOVE, BELOW = "#dbe6f0", "#eceef1"


def scale(product: Product, now: Standing) -> None:
    """Draw where the score lies on the scale of bands, beside the cutoff."""
    froms = [band.score_from for band in product.bands if band.score_from is not None]
    low = min([now.score, now.approve_score, *froms]) - ROOM
    high = max([now.score, now.approve_score, *froms]) + ROOM
    rows = _bands(product, now, low, high)
    x = alt.X("low:Q").title("Score, higher is safer").scale(domain=[low, high], nice=False)
    y0, y1 = alt.value(34), alt.value(64)
    bands = (
        charts.base(rows)
        .mark_rect(stroke="#ffffff", strokeWidth=2)
        .encode(x=x, x2="high:Q", y=y0, y2=y1, color=alt.Color("color:N").scale(None))
    )
    names = charts.words(rows, SOFT).encode(x="middle:Q", y=alt.value(49))
    cutoff: list[Row] = [{"low": now.approve_score, "label": _cutoff_words(now)}]
    line = (
        charts.base(cutoff)
        .mark_rule(color=INK, strokeWidth=2)
        .encode(x="low:Q", y=alt.value(28), y2=alt.value(70))
    )
    line_words = charts.words(cutoff, INK).encode(x="low:Q", y=alt.value(82))
    passed = now.score >= now.approve_score
    color = ACCENT if passed else WARN
    client: list[Row] = [{"low": now.score, "label": f"This client: {points(now.score)}"}]
    mark = (
        charts.base(client)
        .mark_point(shape="triangle-down", size=150, filled=True, opacity=1, color=color)
        .encode(x="low:Q", y=alt.value(26))
    )
    mark_words = charts.words(client, color, bold=True).encode(x="low:Q", y=alt.value(10))
    charts.draw(
        [bands, names, line, line_words, mark, mark_words],
        title="Where the score lies", height=96,
        about=f"Scale of scores: this client {points(now.score)}, cutoff {_cutoff_words(now)}",
    )  # fmt: skip


def _cutoff_words(now: Standing) -> str:
    return f"approved from {points(now.approve_score)}"


def _bands(product: Product, now: Standing, low: float, high: float) -> list[Row]:
    """Return a row for each band, lowest first, from the chart's low end to its high end."""
    starts = sorted(
        (low if band.score_from is None else band.score_from, band.name) for band in product.bands
    )
    ends = [start for start, _ in starts[1:]] + [high]
    return [
        {
            "low": max(start, low),
            "high": end,
            "middle": (max(start, low) + end) / 2,
            "label": f"Band {name}",
            "color": ABOVE if start >= now.approve_score else BELOW,
        }
        for (start, name), end in zip(starts, ends, strict=True)
    ]


def effects(now: Standing, pdo: float | None) -> None:
    """Draw what spoke against and for, the strongest first, the rest in one bar.

    Args:
        now: Where the client stands.
        pdo: Points that double the odds; None where they are not known.
    """
    against = [each for each in now.effects if each.effect > 0]
    speaks_for = sorted((each for each in now.effects if each.effect <= 0), key=_strength)
    shown = [*against[:MOST], *reversed(speaks_for[:MOST])]
    rest = sum(each.effect for each in [*against[MOST:], *speaks_for[MOST:]])
    lines = [(each.text, each.effect) for each in shown]
    if len(now.effects) > len(shown):
        lines.append((REST, rest))
    rows: list[Row] = [
        {
            "text": text,
            "size": -effect if pdo is None else effect_points(effect, pdo),
            "label": effect_words(effect, pdo).removesuffix("\u00a0points"),
            "color": GREY if text == REST else (WARN if effect > 0 else ACCENT),
        }
        for text, effect in lines
    ]
    widest = max(abs(float(str(row["size"]))) for row in rows) * 1.28 or 1.0
    unit = "Points of the score" if pdo is not None else "Log-odds of repayment"
    x = alt.X("size:Q").title(unit).scale(domain=[-widest, widest], nice=False)
    x = x.axis(tickCount=6)
    y = alt.Y("text:N").title(None).sort(None).axis(charts.labels_axis())
    bars = charts.bars(rows).encode(x=x, y=y)
    left = [row for row in rows if float(str(row["size"])) < 0]
    right = [row for row in rows if float(str(row["size"])) >= 0]
    labels = [
        charts.words(left, align="right", dx=-5).encode(x=alt.X("size:Q"), y=y),
        charts.words(right, align="left", dx=5).encode(x=alt.X("size:Q"), y=y),
    ]
    zero = charts.rule([{"zero": 0}], "zero", GREY)
    charts.draw(
        [bars, zero, *labels],
        title="What spoke against and for",
        note=f"Compared with {now.reference}.",
        keys=[(WARN, "spoke against"), (ACCENT, "spoke for")],
        height=23 * len(rows),
        about="Bars: " + "; ".join(f"{row['text']} {row['label']}" for row in rows),
    )


def _strength(effect: object) -> float:
    return float(getattr(effect, "effect", 0.0))


def distribution(found: Distribution) -> None:
    """Draw how a value is spread over all clients and the group, and where the client lies."""
    known = [each for each in found.bins if each.low is not None or each.high is not None]
    if found.kind == "number" and known:
        _numbers(found, known)
    else:
        _categories(found)


def _title(found: Distribution) -> str:
    return f"{found.title}: {found.text} for this client"


def _keys(found: Distribution) -> list[tuple[str, str]]:
    keys = [(PALE, "all clients")]
    return keys if found.group.name == "all" else [*keys, (ACCENT, _group(found))]


def _group(found: Distribution) -> str:
    return f"{found.group.words} ({many(found.group.size, 'client')})"


def _numbers(found: Distribution, known: list[Bin]) -> None:
    rows = _edges(known)
    unit = f" ({found.unit})" if found.unit and found.unit != "%" else ""
    x = alt.X("low:Q").title(f"{found.title}{unit}").scale(zero=False, nice=False)
    x = x.axis(charts.percent_axis(8) if found.unit == "%" else alt.Axis(format=",~r", tickCount=8))
    # Room above the highest bar for the client's label.
    top = 1.15 * max(max(each.all, each.group) for each in known)
    y = (
        alt.Y("all:Q")
        .title("Share of clients")
        .scale(domain=[0, top], nice=False)
        .axis(charts.percent_axis())
    )
    tips = [
        alt.Tooltip("label:N", title=found.title),
        alt.Tooltip("all:Q", title="All clients", format=".1%"),
        alt.Tooltip("group:Q", title="Group", format=".1%"),
    ]
    bars = charts.base(rows).mark_rect(color=PALE, stroke="#ffffff", strokeWidth=1)
    layers: list[charts.Layer] = [bars.encode(x=x, x2="high:Q", y=y, y2="zero:Q", tooltip=tips)]
    if found.group.name != "all":
        line = charts.base(_steps(rows)).mark_line(color=ACCENT, strokeWidth=2)
        layers.append(line.encode(x="low:Q", y=alt.Y("group:Q"), order="place:Q"))
    value = found.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        here: list[Row] = [{"low": value, "label": f"This client: {found.text}"}]
        right = value > (float(str(rows[0]["low"])) + float(str(rows[-1]["high"]))) / 2
        layers += [
            charts.rule(here, "low", INK),
            charts.words(
                here, INK, bold=True, align="right" if right else "left", dx=-6 if right else 6
            ).encode(x="low:Q", y=alt.value(8)),
        ]
    charts.draw(layers, title=_title(found), keys=_keys(found), height=240, about=_title(found))
    missing = [each for each in found.bins if each.low is None and each.high is None]
    if missing and missing[0].all > 0:
        st.caption(f"Of {percent(missing[0].all)} of all clients it is not known.")


def _edges(known: list[Bin]) -> list[Row]:
    """Return a row for each bin with both its ends; an open end is as wide as a neighbour."""
    widths = [
        each.high - each.low for each in known if each.low is not None and each.high is not None
    ]
    width = widths[0] if widths else 1.0
    rows: list[Row] = []
    for each in known:
        low = each.low if each.low is not None else (each.high or 0.0) - width
        high = each.high if each.high is not None else low + width
        rows.append(
            {
                "low": low,
                "high": high,
                "zero": 0.0,
                "all": each.all,
                "group": each.group,
                "label": each.label,
            }
        )
    return rows


def _steps(rows: list[Row]) -> list[Row]:
    """Return the outline of the group's bars."""
    ends = [(row[end], row["group"]) for row in rows for end in ("low", "high")]
    return [{"low": low, "group": group, "place": place} for place, (low, group) in enumerate(ends)]


def _categories(found: Distribution) -> None:
    groups = [("All clients", "all", PALE)]
    if found.group.name != "all":
        groups.append((_group(found), "group", ACCENT))
    own = str(found.value) if found.value is not None else found.text
    rows: list[Row] = [
        {
            "level": f"{each.label} – this client" if own in {each.label, found.text} and
            each.label in {own, found.text} else each.label,
            "share": getattr(each, field),
            "of": words,
            "label": percent(getattr(each, field)),
        }
        for each in found.bins
        for words, field, _ in groups
    ]  # fmt: skip
    y = alt.Y("level:N").title(None).sort(None).axis(charts.labels_axis())
    offset = alt.YOffset("of:N").sort([words for words, *_ in groups])
    x = alt.X("share:Q").title("Share of clients").axis(charts.percent_axis())
    color = alt.Color("of:N").scale(
        domain=[words for words, *_ in groups], range=[color for *_, color in groups]
    )
    bars = charts.base(rows).mark_bar().encode(x=x, y=y, yOffset=offset, color=color.legend(None))
    labels = charts.words(rows, SOFT, align="left", dx=5).encode(x="share:Q", y=y, yOffset=offset)
    height = 24 * len(rows)
    charts.draw(
        [bars, labels], title=_title(found), keys=_keys(found),
        height=height, about=_title(found),
    )  # fmt: skip
