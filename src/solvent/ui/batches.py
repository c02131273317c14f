"""Batches: send a file of applications, watch it being done, download what became of each row."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import Final, Literal

import streamlit as st

from solvent.client import Batch, BatchFile
from solvent.errors import ClientError
from solvent.ui import session
from solvent.ui.figures import NONE, many, moment, percent, plain, whole

KINDS: Final[dict[str, BatchFile]] = {".csv": "csv", ".parquet": "parquet", ".zip": "zip"}
FORMATS: Final[tuple[tuple[Literal["csv", "parquet"], str, str], ...]] = (
    ("csv", "Results (CSV)", "text/csv"),
    ("parquet", "Results (Parquet)", "application/vnd.apache.parquet"),
)
POLL_SECONDS = 1.0
MODES: Final = {
    False: "Tell what would be decided",
    True: "Decide, and keep every decision",
}
STATES: Final = {
    "waiting": ("Waiting", "gray"), "running": ("Running", "blue"), "done": ("Done", "green"),
    "cancelled": ("Cancelled", "orange"), "removed": ("Removed", "gray"),
}  # fmt: skip
SHOWN = 20


def show() -> None:
    """Draw the page: a file to send, and the batches there are."""
    product = session.product()
    st.title("Batches")
    st.markdown(
        f"Send a file of applications for **{plain(product.title)}**; the server works through it "
        "while you do something else."
    )
    _send(product.name)
    _list(product.name)


# ---------------------------------------------------------------------------- a new one


def _send(product: str) -> None:
    with st.container(border=True):
        left, right = st.columns([3, 2], gap="large")
        with left:
            file = st.file_uploader(
                "File of applications", type=[kind.removeprefix(".") for kind in KINDS],
                key=f"batch_file_{st.session_state.get('batches_sent', 0)}",
                help="A row an application: user_id, application_id, application_at, and the "
                "product's own columns. A zip holds applications.csv and events/SOURCE.csv for "
                "what comes along with them.",
            )  # fmt: skip
            st.caption(
                "CSV, Parquet, or a zip of applications with their events. A row that does not "
                "fit is set aside with its reason; the others are done."
            )
        with right:
            name = st.text_input("Name", key="batch_name", max_chars=200, placeholder="optional")
            decide = st.radio(
                "What to do", list(MODES), format_func=MODES.__getitem__, key="batch_decide"
            )
            reasons = st.toggle("With reasons", value=True, key="batch_reasons")
        if st.button("Send", type="primary", key="batch_send", disabled=file is None) and file:
            made = session.api().send_batch(
                product, file.getvalue(), kind=KINDS[PurePath(file.name).suffix.lower()],
                name=name or PurePath(file.name).name, decide=decide, reasons=reasons,
            )  # fmt: skip
            # an uploader is emptied by giving it another name
            st.session_state["batches_sent"] = st.session_state.get("batches_sent", 0) + 1
            st.toast(f"{many(made.rows, 'application')} accepted")
            st.rerun()


# ---------------------------------------------------------------------------- those there are


def _list(product: str) -> None:
    found = [one for one in session.api().batches() if one.product == product]
    st.subheader("Sent")
    if not found:
        st.info("No batch was sent yet. Choose a file above; its rows are counted at once.")
        return
    running = [one for one in found if not one.is_over]
    if running:
        _watched([one.id for one in running])
    for one in [one for one in found if one.is_over][:SHOWN]:
        _card(one)


@st.fragment(run_every=POLL_SECONDS)
def _watched(ids: list[str]) -> None:
    """Draw batches that run; ask again every second, and draw the page anew when one is over."""
    try:
        now = [session.api().batch(id_) for id_ in ids]
    except ClientError as error:
        session.tell(error)
        return
    if any(one.is_over for one in now):
        st.rerun()
    for one in now:
        _card(one)


def _card(one: Batch) -> None:
    with st.container(border=True):
        words, buttons = st.columns([4, 2], vertical_alignment="center")
        with words:
            _words(one)
        with buttons:
            _buttons(one)
        if not one.is_over:
            st.progress(min(1.0, one.done / one.rows) if one.rows else 0.0, text=_progress(one))


def _words(one: Batch) -> None:
    label, color = STATES[one.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(one.name or one.id)}**", width="content")
        st.badge(label, color=color)  # type: ignore[arg-type]  # a dict's str
    aside = f", {whole(one.set_aside)} set aside" if one.set_aside else ""
    kept = "decisions kept" if one.mode == "decide" else "nothing kept"
    st.caption(
        f"{many(one.rows, 'application')}{aside}, {kept}. Sent {moment(one.created_at)}; model "
        f"{one.model_version}, policy {one.policy_version}."
    )


def _progress(one: Batch) -> str:
    share = percent(one.done / one.rows, 0) if one.rows else NONE
    return f"{whole(one.done)} of {whole(one.rows)} done ({share}){_left(one.eta_seconds)}"


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return f", about {many(max(1, round(seconds)), 'second')} left"
    return f", about {many(round(seconds / 60), 'minute')} left"


def _buttons(one: Batch) -> None:
    client = session.api()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if not one.is_over:
            if st.button("Cancel", key=f"cancel-{one.id}"):
                client.cancel_batch(one.id)
                st.rerun()
            return
        for kind, label, mime in FORMATS:
            st.download_button(
                label,
                # Fetched when it is pressed: it may be large.
                data=partial(client.batch_results, one.id, kind=kind),
                file_name=f"batch-{one.id}.{kind}", mime=mime, on_click="ignore",
                key=f"{kind}-{one.id}",
            )  # fmt: skip
        if st.button("Remove", key=f"remove-{one.id}", help="The results go; decisions stay."):
            client.remove_batch(one.id)
            st.rerun()
