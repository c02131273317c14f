"""Outcomes: what became of the loans, month by month, against what was predicted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from solvent.client import OutcomeGroup, Realised
from solvent.ui import cards, outcomes_charts, session
from solvent.ui.figures import NONE, amount, many, percent, plain, whole

BANDS = {"policy": "Bands of the policy", "deciles": "Deciles of PD"}
SURE, DOUBTFUL = 0.01, 0.05


def show() -> None:
    """Draw the page."""
    product = session.product()
    st.title("Outcomes")
    st.markdown(
        f"What became of the loans of **{plain(product.title)}**, against what was predicted when "
        "they were decided."
    )
    found = session.api().realised(product.name)
    if not found.whole.decided:
        st.info("Nothing was decided yet. Outcomes are told of decisions, so decide something.")
        return
    _tiles(found)
    if not found.whole.known:
        _none_known(found)
        return
    st.markdown(_verdict(found))
    _choose(product.name, found)


def _none_known(now: Realised) -> None:
    """Say what to do where no outcome counts yet."""
    if now.whole.approved and now.whole.immature == now.whole.approved:
        st.info(
            "Every loan is too young: nothing is known of a loan before "
            f"{now.window_days:g} days are over. Come back then."
        )
        return
    st.info("No outcome is known yet. Tell what became of the loans, from a file or the tables:")
    st.code(
        f"solvent outcomes load {now.product} outcomes.csv\n"
        f"solvent outcomes load {now.product} --data DIR",
        language=None,
    )
    st.caption(
        "The file names each loan (decision_id or application_id), what became of it (bad, or "
        "outcome: good, bad, repaid, open) and since when that is so (observed_at)."
    )


def _tiles(now: Realised) -> None:
    all_ = now.whole
    interval = f"{percent(now.level, 0)} interval {percent(all_.low)} to {percent(all_.high)}"
    ranking = now.ranking
    gini = NONE if ranking is None else percent(ranking.gini)
    ranked = now.ranking_missing if ranking is None else (
        f"interval {percent(ranking.gini_low)} to {percent(ranking.gini_high)}"
    )  # fmt: skip
    surprise = "not known yet"
    if all_.expected_bads is not None and all_.bads is not None:
        surprise = f"{all_.expected_bads:,.1f} bad loans expected, {whole(all_.bads)} seen"
    states = f"{whole(all_.immature)} too young, {whole(all_.untold)} not told"
    for place, (label, value, note) in zip(st.columns(4), (
        (
            "Outcomes known", whole(all_.known),
            f"of {many(all_.approved, 'approved loan')}; {states}",
        ),
        ("Realised bad rate", percent(all_.bad_rate), interval if all_.known else "not known yet"),
        (
            "Predicted bad rate", percent(all_.mean_pd),
            surprise,
        ),
        ("Gini of the outcomes", gini, ranked),
    ), strict=True):  # fmt: skip
        with place:
            cards.tile(label, value, note)


def _verdict(now: Realised) -> str:
    """Return in a sentence whether the PDs held."""
    found = now.whole
    if found.z is None or found.p_value is None:
        return "Too few outcomes are known to judge the predictions."
    side = "More" if found.z > 0 else "Fewer"
    test = f"{abs(found.z):.1f} standard errors, p = {found.p_value:.3f}"
    if found.p_value < SURE:
        return f"**{side} loans went bad than predicted** ({test}): look at the bands below."
    if found.p_value < DOUBTFUL:
        return f"**Perhaps {side.lower()} loans went bad than predicted** ({test}): watch on."
    return f"**Predicted and realised agree**: what is between them is chance ({test})."


@st.fragment
def _choose(product: str, first: Realised) -> None:
    """Draw the figures by the bands chosen; choosing redraws this part alone."""
    session.guarded(lambda: _drawn(product, first))()


def _drawn(product: str, first: Realised) -> None:
    now = first
    if first.banded_by == "policy":
        chosen = st.segmented_control(
            "Bands", list(BANDS), format_func=BANDS.__getitem__, default="policy", key="banded_by",
            required=True,
        )  # fmt: skip
        now = first if chosen == "policy" else session.api().realised(product, bands=chosen)
    outcomes_charts.compared(
        [(one.month, one) for one in now.months], "Month of decision", _months_title(now), now
    )
    left, right = st.columns(2, gap="large")
    with left:
        outcomes_charts.compared(
            [(one.band, one) for one in now.bands], "Band, the safest first", _bands_title(now),
            now, height=220,
        )  # fmt: skip
    with right:
        outcomes_charts.known(now)
    _table(product, now)
    st.caption(plain(_note(now)))


def _months_title(now: Realised) -> str:
    judged = [one for one in now.months if one.agrees is not None]
    agree = sum(bool(one.agrees) for one in judged)
    return (
        f"In {agree} of {many(len(judged), 'month')} the prediction lies within the "
        f"{percent(now.level, 0)} interval of what was seen"
    )


def _bands_title(now: Realised) -> str:
    off = [one.band for one in now.bands if one.p_adjusted is not None and one.p_adjusted < SURE]
    if off:
        return f"Off in {', '.join(off)}, allowing for the number of bands"
    if all(one.p_adjusted is None for one in now.bands):
        return "Too few outcomes to judge any one band"
    return "No band is off by more than chance"


def _table(product: str, now: Realised) -> None:
    st.subheader("The figures")
    months, bands, cells = st.tabs(["By month", "By band", "By month and band"])
    for tab, name, groups in (
        (months, "months", now.months), (bands, "bands", now.bands), (cells, "cells", now.cells),
    ):  # fmt: skip
        with tab:
            st.dataframe(
                _rows(groups), hide_index=True, width="stretch", key=f"outcomes-{name}",
                column_config={"Band": st.column_config.Column(width="medium")},
            )  # fmt: skip
    client, banded_by = session.api(), now.banded_by
    st.download_button(
        "Download the CSV", data=lambda: client.realised_csv(product, bands=banded_by),
        file_name=f"{now.product}-outcomes-{now.at[:10]}.csv", mime="text/csv",
        on_click="ignore", key="outcomes_file",
    )  # fmt: skip


def _rows(groups: Sequence[OutcomeGroup]) -> list[dict[str, str]]:
    labels = [
        {
            **({"Month": one.month} if one.month else {}),
            **({"Band": one.band} if one.band else {}),
        }
        for one in groups
    ]  # fmt: skip
    return [label | _cells(one) for label, one in zip(labels, groups, strict=True)]


def _cells(one: OutcomeGroup) -> dict[str, str]:
    interval = NONE if one.low is None else f"{percent(one.low)} to {percent(one.high)}"
    return {
        "Decided": whole(one.decided), "Approved": whole(one.approved),
        "Too young": whole(one.immature), "Not told": whole(one.untold), "Known": whole(one.known),
        "Bad": NONE if one.bads is None else whole(one.bads),
        "Expected": NONE if one.expected_bads is None else f"{one.expected_bads:,.1f}",
        "Bad rate": percent(one.bad_rate), "Interval": interval, "Mean PD": percent(one.mean_pd),
    }  # fmt: skip


def _note(now: Realised) -> str:
    parts = [f"Bad: {now.bad_words}."] if now.bad_words else []
    if now.paid is not None or now.lost is not None:
        back, gone = amount(now.paid, now.currency), amount(now.lost, now.currency)
        parts.append(f"Of the known loans {back} came back and {gone} was lost.")
    if now.known_of_others:
        parts.append(
            f"{many(now.known_of_others, 'outcome')} of loans that were not approved "
            "are known and left out."
        )
    return " ".join((*parts, now.note, "Intervals are by customer."))
