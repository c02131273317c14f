"""Campaign: how sure to be of repayment, what that makes, and the file of clients to offer to."""

from __future__ import annotations

import re

import streamlit as st

from solvent.client import Campaign, Job, JobState, Money, SampleRow
from solvent.errors import ClientError
from solvent.ui import campaign_charts, cards, session
from solvent.ui.figures import (
    many,
    moment,
    money,
    percent,
    plain,
    points,
    small_amount,
    whole,
)

LEAST, MOST, START, STEP = 50.0, 99.9, 90.0, 0.1
POLL_SECONDS = 1.0
PREPARED = "campaign_file"


def show() -> None:
    """Draw the page: nothing scored yet, a scoring that runs, or the campaign."""
    product = session.product()
    st.title("Campaign")
    st.markdown(
        f"Whom to offer **{plain(product.title)}** now: choose how sure you want to be that a "
        "client repays."
    )
    job = st.session_state.get("job")
    if isinstance(job, str):
        _running(job)
        return
    now = session.api().campaign(product.name, confidence=START / 100)
    if now.status == "running" and now.job is not None and not now.job.is_over:
        st.session_state["job"] = now.job.id
        _running(now.job.id)
        return
    failed = st.session_state.pop("job_failed", "")
    if failed:
        st.error(plain(f"The scoring failed: {failed}."))
    if not now.funnel:
        _never(product.name, product.clients, now.note)
    else:
        _choose(product.name)


# ---------------------------------------------------------------------------- before there is one


def _never(product: str, clients: int, note: str) -> None:
    st.info(
        f"{plain(note) or 'No client was scored yet.'} {many(clients, 'client')} can be scored "
        "now; it takes "
        "seconds to minutes and nobody is told."
    )
    if st.button("Score all clients now", type="primary", key="score_all", disabled=not clients):
        _start(product)


def _start(product: str) -> None:
    st.session_state["job"] = session.api().refresh_campaign(product).id
    st.rerun()


@st.fragment(run_every=POLL_SECONDS)
def _running(job_id: str) -> None:
    """Draw the progress of a scoring; ask again every second until it is over."""
    try:
        job = session.api().job(job_id)
    except ClientError as error:
        st.session_state.pop("job", None)
        session.tell(error)
        return
    if job.is_over:
        st.session_state.pop("job", None)
        if job.state is JobState.FAILED:
            st.session_state["job_failed"] = job.message or "the server does not say why"
        st.rerun()
    _progress(job)


def _progress(job: Job) -> None:
    total = job.total or 0
    told = f"{whole(job.done)} of {many(total, 'client')} scored" if total else "Counting clients"
    st.progress(min(1.0, job.done / total) if total else 0.0, text=told)
    st.caption("You may leave this page; the server goes on.")


# ---------------------------------------------------------------------------- the campaign


@st.fragment
def _choose(product: str) -> None:
    """Draw what the slider makes of the clients; moving it redraws this part alone."""
    session.guarded(lambda: _drawn(product))()


def _drawn(product: str) -> None:
    confidence = st.slider(
        "Least probability that a client repays", LEAST, MOST, START, STEP, format="%.1f %%",
        key="confidence",
    )  # fmt: skip
    now = session.api().campaign(product, confidence=round(confidence / 100, 6))
    _tiles(now)
    if not now.eligible:
        st.info(
            "No client is eligible at this confidence. Move the slider to the left, or look at "
            "the funnel for where they fall out."
        )
    left, right = st.columns(2, gap="large")
    with left:
        campaign_charts.eligible(now)
    with right:
        campaign_charts.profit(now)
    campaign_charts.funnel(now)
    if now.eligible:
        _sample(product, now)
    _again(product, now)


def _tiles(now: Campaign) -> None:
    share = now.eligible / now.clients if now.clients else 0.0
    for place, (label, value, note) in zip(st.columns(4), (
        (
            "Eligible clients", whole(now.eligible),
            f"{percent(share)} of {many(now.clients, 'client')}",
        ),
        ("Expected bad rate", percent(now.expected_bad_rate), "of them will not repay"),
        ("Expected bad debt", money(now.expected_bad_debt), f"of {money(now.lent)} lent"),
        ("Expected profit", money(now.expected_profit), "if each of them takes the offer"),
    ), strict=True):  # fmt: skip
        with place:
            cards.tile(label, value, note)


def _sample(product: str, now: Campaign) -> None:
    st.subheader("The file")
    words, button = st.columns([3, 1], vertical_alignment="center")
    words.markdown(
        f"{many(now.eligible, 'row')}, one per eligible client, with the offer each may get. "
        f"The first {len(now.sample)}:"
    )
    client, confidence = session.api(), now.confidence
    with button:
        st.download_button(
            "Download the CSV",
            # Fetched when it is pressed, so that moving the slider stays quick.
            data=lambda: client.campaign_csv(product, confidence=confidence),
            file_name=_file_name(now),
            mime="text/csv",
            type="primary",
            on_click="ignore",
            width="stretch",
            key=PREPARED,
        )
    st.dataframe(
        [_row(row, now.currency) for row in now.sample],
        hide_index=True, width="stretch", key="sample",
    )  # fmt: skip


def _file_name(now: Campaign) -> str:
    day = (now.as_of or "")[:10]
    sure = f"{100 * now.confidence:.1f}".removesuffix(".0").replace(".", "_")
    return re.sub(r"[^\w.-]", "-", f"{now.product}-{day}-sure-{sure}.csv")


def _row(row: SampleRow, currency: str) -> dict[str, str]:
    return {
        "Client": row.user_id,
        "Repays with": percent(1 - row.pd),
        "Score": points(row.score),
        "Band": row.band or "",
        "Offer": row.offer or "",
        "Amount": _small(row.amount, currency),
        "Fee": _small(row.fee, currency),
    }


def _small(value: float | Money | None, currency: str) -> str:
    if isinstance(value, Money):
        return small_amount(value.amount, value.currency)
    return small_amount(value, currency)


def _again(product: str, now: Campaign) -> None:
    stood = "" if now.as_of is None else f"Clients as they stood on {moment(now.as_of)}. "
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{stood}Expected figures are sums over the clients' probabilities.",
            width="stretch",
        )
        if st.button("Score all clients again", key="score_all"):
            _start(product)
