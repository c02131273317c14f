"""The charts of the Client page: the scale of scores, what moved the score, one value's spread."""

from __future__ import annotations

import altair as alt
import streamlit as st

from solvent.client import Bin, Distribution, Group, Product, Standing
from solvent.ui import charts
from solvent.ui.charts import ACCENT, GREY, INK, PALE, SOFT, WARN, Row
from solvent.ui.figures import (
    effect_log_odds,
    effect_points,
    effect_words,
    first_up,
    many,
    percent,
    points,
    whole,
)

ROOM = 45.0
MOST = 8
REST = "Everything else"
SEEN = 0.005  # log-odds; where there are no points, a weaker effect rounds to nothing
ABOVE, BELOW = "#dbe6f0", "#eceef1"


def scale(product: Product, now: Standing) -> None:
    """Draw where the score lies on the scale of bands, beside the cutoff."""
    froms = [band.score_from for band in product.bands if band.score_from is not None]
    low = min([now.score, now.approve_score, *froms]) - ROOM
    high = max([now.score, now.approve_score, *froms]) + ROOM
    x = alt.X("low:Q").title("Score, higher is safer").scale(domain=[low, high], nice=False)
    sides: list[Row] = [
        {"low": low, "high": now.approve_score, "color": BELOW},
        {"low": now.approve_score, "high": high, "color": ABOVE},
    ]
    regions = (
        charts.base(sides)
        .mark_rect()
        .encode(
            x=x, x2="high:Q", y=alt.value(34), y2=alt.value(64),
            color=alt.Color("color:N").scale(None),
        )
    )  # fmt: skip
    bands = _bands(product, low, high)
    names = charts.words(bands).encode(x="middle:Q", y=alt.value(49))
    edges: list[Row] = [{"low": start} for start in froms]
    layers: list[charts.Layer] = [
        regions,
        _upright(edges, "#ffffff", 34, 64),
        names,
        *_cutoff_and_client(now),
    ]
    charts.draw(
        layers, title="Where the score lies", height=96,
        about=f"Scale of scores: this client {points(now.score)}, {_cutoff_words(now)}",
    )  # fmt: skip


def _cutoff_and_client(now: Standing) -> list[charts.Layer]:
    cutoff: list[Row] = [{"low": now.approve_score, "label": _cutoff_words(now)}]
    color = ACCENT if now.score >= now.approve_score else WARN
    client: list[Row] = [{"low": now.score, "label": f"This client: {points(now.score)}"}]
    mark = charts.base(client).mark_point(
        shape="triangle-down", size=150, filled=True, opacity=1, color=color
    )
    return [
        _upright(cutoff, INK, 28, 70),
        charts.words(cutoff, INK).encode(x="low:Q", y=alt.value(82)),
        mark.encode(x="low:Q", y=alt.value(26)),
        charts.words(client, color, bold=True).encode(x="low:Q", y=alt.value(10)),
    ]


def _upright(rows: list[Row], color: str, top: int, bottom: int) -> alt.Chart:
    line = charts.base(rows).mark_rule(color=color, strokeWidth=2)
    lines: alt.Chart = line.encode(x="low:Q", y=alt.value(top), y2=alt.value(bottom))
    return lines


def _cutoff_words(now: Standing) -> str:
    return f"approved from {points(now.approve_score)}"


def _bands(product: Product, low: float, high: float) -> list[Row]:
    """Return name and middle of each band, and of what lies below the lowest."""
    starts = sorted(
        (low if band.score_from is None else band.score_from, band.name) for band in product.bands
    )
    ends = [start for start, _ in starts[1:]] + [high]
    rows: list[Row] = [
        {"middle": (start + end) / 2, "label": f"Band {name}"}
        for (start, name), end in zip(starts, ends, strict=True)
    ]
    if starts and starts[0][0] > low:
        rows.append({"middle": (low + starts[0][0]) / 2, "label": f"below {starts[0][1]}"})
    return rows


def effects(now: Standing, pdo: float | None) -> None:
    """Draw what spoke against and for, the strongest first, the rest in one bar.

    Args:
        now: Where the client stands.
        pdo: Points that double the odds; None where they are not known.
    """
    ordered = sorted(now.effects, key=lambda each: -each.effect)
    # Half a point is the least that is not written as 0.
    least = SEEN if pdo is None else abs(effect_log_odds(0.5, pdo))
    against = [each for each in ordered if each.effect >= least][:MOST]
    speaks_for = [each for each in ordered if each.effect <= -least][-MOST:]
    shown = [*against, *speaks_for]
    rest = sum(each.effect for each in ordered) - sum(each.effect for each in shown)
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
    widest = max(abs(float(str(row["size"]))) for row in rows) * 1.4 or 1.0
    x = alt.X("size:Q").scale(domain=[-widest, widest], nice=False)
    if pdo is None:
        odds = "'× ' + format(exp(-datum.value), '.2f')"
        x = x.title("Multiplies the odds of not repaying by").axis(labelExpr=odds, tickCount=5)
    else:
        x = x.title("Points of the score").axis(tickCount=6)
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
        note=f"In the words a client is told. Compared with {now.reference}.",
        keys=[(WARN, "Spoke against"), (ACCENT, "Spoke for")],
        height=23 * len(rows),
        about="Bars: " + "; ".join(f"{row['text']} {row['label']}" for row in rows),
    )


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
    keys = [(PALE, "All clients")]
    if found.group.name != "all":
        keys.append((ACCENT, first_up(group_words(found.group))))
    return keys


def group_words(group: Group) -> str:
    """Return a group in words with its size, said once."""
    if whole(group.size) in group.words:
        return group.words
    return f"{group.words} ({many(group.size, 'client')})"


def _numbers(found: Distribution, known: list[Bin]) -> None:
    rows = _edges(known)
    is_share = known[0].label.endswith("%")
    told = is_share or not found.unit or found.unit.casefold() in found.title.casefold().split()
    unit = "" if told else f" ({found.unit})"
    x = alt.X("low:Q").title(f"{found.title}{unit}").scale(zero=False, nice=False)
    x = x.axis(charts.percent_axis(8) if is_share else alt.Axis(format=",~r", tickCount=8))
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
        groups.append((group_words(found.group), "group", ACCENT))
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
