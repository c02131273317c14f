"""What several pages show of a decision: its verdict, offers and reasons, as cards and words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from solvent.client import (
    ApplicantHint,
    ApplicantReason,
    Hint,
    Offer,
    Reason,
    SecondReason,
    Verdict,
)
from solvent.ui.figures import VERDICTS, many, percent, plain, small_amount


def verdict_badge(verdict: Verdict) -> None:
    """Draw a verdict as a small coloured word."""
    color = {Verdict.APPROVE: "blue", Verdict.REFER: "gray", Verdict.DECLINE: "orange"}
    st.badge(VERDICTS[verdict], color=color[verdict])  # type: ignore[arg-type]  # a dict's str


def tile(label: str, value: str, note: str, change: str | None = None) -> None:
    """Draw one figure in a frame.

    Args:
        label: What it is.
        value: As it is written.
        note: A line beneath.
        change: Against the policy; None for none.
    """
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            label, value, delta=change, delta_color="off",
            delta_description="against the policy" if change else None,
        )  # fmt: skip
        st.caption(plain(note))


def offer_card(offer: Offer) -> None:
    """Draw one offer: what, how much, what it costs, when it is due."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{plain(offer.title)}**")
        if offer.detail:
            st.markdown(plain(offer.detail))
        facts = offer_facts(offer)
        if facts:
            table = {label: plain(words) for label, words in facts}
            st.table(table, border="horizontal", width="content")


def offer_facts(offer: Offer) -> list[tuple[str, str]]:
    """Return label and words of what an offer names: amount, fee, term."""
    found = []
    if offer.amount is not None:
        found.append(("Amount", offer.amount.words))
    if offer.fee is not None:
        fee = small_amount(offer.fee.amount, offer.fee.currency)
        share = f" ({percent(offer.price, 0)} of the amount)" if offer.price is not None else ""
        found.append(("Fee", f"{fee}{share}"))
    if offer.amount is not None and offer.fee is not None:
        total = offer.amount.amount + offer.fee.amount
        found.append(("To repay", small_amount(total, offer.amount.currency)))
    if offer.term_days is not None:
        found.append(("Due", f"within {many(offer.term_days, 'day')}"))
    return found


def offers(given: Sequence[Offer], columns: int = 3) -> None:
    """Draw offers side by side."""
    columns = min(columns, len(given))
    for start in range(0, len(given), columns or 1):
        places = st.columns(columns)
        for place, offer in zip(places, given[start : start + columns], strict=False):
            with place:
                offer_card(offer)


def reasons(given: Sequence[Reason | ApplicantReason | SecondReason]) -> None:
    """Draw the principal reasons as a list, the strongest first."""
    st.markdown("\n".join(f"{n}. {plain(each.text)}" for n, each in enumerate(given, 1)))


def hints(given: Sequence[Hint | ApplicantHint]) -> None:
    """Draw the changes with which a request would have been approved, and what they are not."""
    st.markdown("\n".join(f"- {plain(each.text)}" for each in given))
    st.caption(
        "One change at a time, all else as it was on the day of the decision. No promise: a new "
        "request is decided on what is known then."
    )
