"""The Values tab of the Client page: what is known beside a group, and one value closely."""

from __future__ import annotations

import math
from typing import Literal

import streamlit as st

from solvent.client import ClientRecord, Group, Product, Value
from solvent.ui import client_charts, session
from solvent.ui.figures import NONE, effect_points, first_up, many, percent, spaced

EVERY = "All themes"


@st.fragment
def show(product: Product, key: str) -> None:
    """Draw the tab; its filters redraw it alone.

    Args:
        product: The product looked at.
        key: The client's number.
    """
    session.guarded(lambda: _show(product, key))()


def _show(product: Product, key: str) -> None:
    group = st.session_state.get("values_group")
    record = session.api().client(
        product.name, key, group=group.name if isinstance(group, Group) else None
    )
    values = _filtered(record)
    if not values:
        st.info("No value matches. Choose another theme, or clear the search.")
        return
    _table(product, record, values)
    _closer(product, record, values)


def _filtered(record: ClientRecord) -> list[Value]:
    who, about, text, only = st.columns([1.3, 1, 1.2, 0.9], vertical_alignment="bottom")
    names = [each.name for each in record.groups]
    with who:
        st.selectbox(
            "Compare with", record.groups, key="values_group",
            index=names.index(record.group.name) if record.group.name in names else 0,
            format_func=_group_words,
        )  # fmt: skip
    with about:
        theme = st.selectbox("Theme", [EVERY, *record.themes], key="values_theme")
    with text:
        search = st.text_input("Search", key="values_search", placeholder="Part of a name")
    with only:
        counted = st.toggle("Only what counted", key="values_counted")
    found = [
        each for each in record.values
        if theme in (EVERY, each.theme)
        and search.strip().casefold() in f"{each.title} {each.text}".casefold()
        and (not counted or each.effect)
    ]  # fmt: skip
    return sorted(found, key=lambda each: -abs(each.effect or 0.0))


def _group_words(group: Group) -> str:
    return first_up(client_charts.group_words(group))


def _table(product: Product, record: ClientRecord, values: list[Value]) -> None:
    titles = [each.title for each in values]
    lower = "Clients below"
    effect = "Effect (points)" if product.pdo is not None else "Effect on odds"
    st.dataframe(
        [
            {
                "What": each.title,
                "This client": each.text,
                lower: None if each.percentile is None else 100 * each.percentile,
                "Typical": _typical(each),
                effect: _effect(each, product.pdo),
            }
            for each in values
        ],
        hide_index=True,
        width="stretch",
        height=_height(len(values)),
        key="values_table",
        placeholder=NONE,
        on_select=lambda: _pick(titles),
        selection_mode="single-cell",
        column_config={
            "What": st.column_config.TextColumn(width=440),
            "This client": st.column_config.TextColumn(width=95),
            lower: st.column_config.ProgressColumn(
                min_value=0, max_value=100, format="%d %%", width=110,
                help=f"Share of {record.group.words} whose value is lower.",
            ),
            "Typical": st.column_config.TextColumn(
                width=205, help=f"The middle half of {record.group.words}."
            ),
            effect: st.column_config.NumberColumn(
                format="%+d" if product.pdo is not None else "× %.2f", width=105,
                help=f"Below zero spoke against. Compared with {record.standing.reference}."
                if product.pdo is not None
                else f"Above 1 spoke against. Compared with {record.standing.reference}.",
            ),
        },
    )  # fmt: skip
    st.caption(
        f"{many(len(values), 'value')}, what counted most first. Click a row to look closer."
    )


def _height(rows: int) -> int | Literal["auto"]:
    """Return the table's height: its own up to ten rows, then it scrolls."""
    return "auto" if rows <= 10 else 400


def _typical(value: Value) -> str:
    same = "" if value.share is None else f"{percent(value.share, 0)} the same"
    return spaced("; ".join(part for part in (value.typical_text, same) if part))


def _effect(value: Value, pdo: float | None) -> float | None:
    if value.effect is None:
        return None
    return math.exp(value.effect) if pdo is None else round(effect_points(value.effect, pdo))


def _pick(titles: list[str]) -> None:
    cells = st.session_state["values_table"]["selection"]["cells"]
    if cells:
        st.session_state["value_title"] = titles[cells[0][0]]


def _closer(product: Product, record: ClientRecord, values: list[Value]) -> None:
    titles = [each.title for each in values]
    if st.session_state.get("value_title") not in titles:
        st.session_state["value_title"] = titles[0]
    st.subheader("A closer look")
    title = st.selectbox("Value", titles, key="value_title")
    chosen = values[titles.index(title)]
    found = session.api().distribution(
        product.name, record.key, chosen.feature, group=record.group.name
    )
    client_charts.distribution(found)
