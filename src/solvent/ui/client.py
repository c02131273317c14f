"""Client: find one, see where they stand and why, compare what is known of them."""

from __future__ import annotations

import streamlit as st

from solvent.client import ClientRecord, Product, Standing
from solvent.errors import NotFoundError
from solvent.ui import cards, client_charts, client_values, session
from solvent.ui.figures import NONE, day, first_up, many, moment, percent, plain, points, verdict

PAGE = 50
FORGOTTEN = ("client_key", "value_title", "values_group")


def show() -> None:
    """Draw the page: the list, or the client that was picked."""
    product = session.product()
    key = st.session_state.get("client_key")
    if isinstance(key, str) and key:
        _one(product, key)
    else:
        _list(product)


# ---------------------------------------------------------------------------- finding


def _list(product: Product) -> None:
    words = product.key_words
    st.title("Clients")
    st.markdown(f"Find a client of **{plain(product.title)}** and open them with a click.")
    search = st.text_input(
        f"Search by {plain(words)}", key="search", placeholder="The number, or how it begins"
    ).strip()
    offset = PAGE * _page(search)
    found = session.api().clients(product.name, search=search, limit=PAGE, offset=offset)
    if not found.clients:
        if search:
            st.info(f"No {plain(words)} begins with “{plain(search)}”.")
        else:
            st.info("No client is known yet. Decide an application or send events to the API.")
        return
    if len(found.clients) == 1:
        only = found.clients[0].key
        if st.button(plain(f"Open {words} {only}"), type="primary", key="open_only"):
            _open(only)
            st.rerun()
    keys = [each.key for each in found.clients]
    st.dataframe(
        [
            {
                first_up(words): each.key,
                "Newest decision": verdict(each.verdict),
                "Score": each.score,
                "Repays with": None if each.pd is None else 100 * (1 - each.pd),
                "Decided on": day(each.decided_at),
            }
            for each in found.clients
        ],
        hide_index=True,
        width="stretch",
        height="auto" if len(keys) <= 10 else 520,
        key="client_rows",
        placeholder=NONE,
        on_select=lambda: _open_row(keys),
        selection_mode="single-cell",
        column_config={
            "Score": st.column_config.NumberColumn(format="%d", help="Higher is safer."),
            "Repays with": st.column_config.NumberColumn(
                format="%.1f %%", help="Probability that the client repays."
            ),
        },
    )
    _pages(found.total, offset, len(keys))


def _page(search: str) -> int:
    """Return the page of the list, counted from 0; another search starts again."""
    before, page = st.session_state.get("clients_page", ("", 0))
    return int(page) if before == search else 0


def _pages(total: int, offset: int, shown: int) -> None:
    search = st.session_state.get("search", "").strip()
    first = offset + 1
    st.caption(f"{many(total, 'client')}, showing {first:,} to {offset + shown:,}.")
    if total <= PAGE:
        return
    page = offset // PAGE
    with st.container(horizontal=True):
        if st.button("Previous", disabled=page == 0, key="previous"):
            st.session_state["clients_page"] = (search, page - 1)
            st.rerun()
        if st.button("Next", disabled=offset + shown >= total, key="next"):
            st.session_state["clients_page"] = (search, page + 1)
            st.rerun()


def _open_row(keys: list[str]) -> None:
    cells = st.session_state["client_rows"]["selection"]["cells"]
    if cells:
        _open(keys[cells[0][0]])


def _open(key: str) -> None:
    st.session_state["client_key"] = key


# ---------------------------------------------------------------------------- one client


def _one(product: Product, key: str) -> None:
    if st.button("← All clients", key="back", type="tertiary"):
        for name in FORGOTTEN:
            st.session_state.pop(name, None)
        st.rerun()
    try:
        record = session.api().client(product.name, key)
    except NotFoundError:
        st.warning(plain(f"No client has the {product.key_words} {key}."))
        return
    _header(product, record)
    overview, values, history = st.tabs(["Score and reasons", "Values", "Decisions"])
    with overview:
        _overview(product, record.standing)
    with values:
        client_values.show(product, key)
    with history:
        _history(record)


def _header(product: Product, record: ClientRecord) -> None:
    now = record.standing
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(f"{first_up(product.key_words)} {record.key}"), width="content")
        cards.verdict_badge(now.verdict)
    st.markdown(f"### {plain(now.sentence)}")
    st.markdown(
        plain(
            f"{now.meaning} The policy approves where fewer than "
            f"{_of_100(now.approve_below)} of 100 do not."
        )
    )
    origin = (
        f"As decided on {moment(now.as_of)}."
        if now.origin == "decision"
        else f"Computed as of {moment(now.as_of)}; nothing was decided or stored."
    )
    scored = f" Scored with {plain(now.scored_with)}." if now.scored_with else ""
    st.caption(f"{origin}{scored}")


def _of_100(share: float) -> str:
    """Return a share as a number out of a hundred people."""
    return f"{100 * share:.1f}".removesuffix(".0")


def _overview(product: Product, now: Standing) -> None:
    client_charts.scale(product, now)
    left, right = st.columns([2, 1], gap="large")
    with left:
        if now.effects:
            client_charts.effects(now, product.pdo)
        else:
            st.info("This model does not tell what it weighed.")
    with right:
        if now.offer is not None:
            st.markdown("**May be offered**")
            cards.offers([now.offer], columns=1)
        if now.reasons:
            st.markdown("**Main reasons, to tell the client**")
            cards.reasons(now.reasons)
        if now.hints:
            st.markdown("**What would have been approved**")
            cards.hints(now.hints)
        _second(now)
        if now.alternatives:
            st.markdown("**Instead**")
            cards.offers(now.alternatives, columns=1)
        _how_good(product)


def _second(now: Standing) -> None:
    """Say what the reasons would be against the group that the policy did not name."""
    if not now.second_reasons:
        return
    told = [each.text for each in now.reasons]
    other = [each.text for each in now.second_reasons]
    with st.expander("Against the other reference group"):
        st.markdown(plain(f"Compared with {now.second_reference}:"))
        cards.reasons(now.second_reasons)
        first = "The same reason comes first" if other[:1] == told[:1] else "Another comes first"
        same = "they are the same" if set(other) == set(told) else "not all are the same"
        st.caption(f"{first}; taken together {same}. The client is told those above.")


def _how_good(product: Product) -> None:
    with st.expander("How far to trust the score"):
        auc = ""
        if product.test_auc is not None:
            auc = (
                f" Of a client who repays and one who does not, it ranks the right one safer "
                f"{percent(product.test_auc, 0)} of the time."
            )
        st.markdown(
            f"The score is a statistical estimate from {product.features} values, made by model "
            f"{product.model_version} of {day(product.trained_at)}.{auc} It says what became of "
            f"clients like this one, not what this client will do. Not repaying means: "
            f"{plain(product.bad_words)}."
        )


def _history(record: ClientRecord) -> None:
    if not record.decisions:
        st.info("Nothing was decided about this client yet.")
        return
    st.dataframe(
        [
            {
                "Decided": moment(each.decided_at),
                "Verdict": verdict(each.verdict),
                "Score": points(each.score),
                "Repays with": percent(1 - each.pd),
                "Decision": each.id[:8],
            }
            for each in record.decisions
        ],
        hide_index=True,
        width="stretch",
        key="history",
    )
    st.caption(f"{many(len(record.decisions), 'decision')}, newest first. Each can be replayed.")
