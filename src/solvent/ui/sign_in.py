"""Sign in: one field, and what to do without a key."""

from __future__ import annotations

import streamlit as st

from solvent.errors import ClientError, NotSignedInError
from solvent.ui import session
from solvent.ui.figures import plain


def show() -> None:
    """Draw the page."""
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle:
        st.title("Sign in")
        st.markdown("Credit decisions, clients, campaigns and the portfolio of your bank.")
        notice = st.session_state.pop("notice", "")
        if notice:
            st.warning(plain(notice))
        with st.form("sign_in", border=True):
            key = st.text_input(
                "API key", type="password", key="api_key", autocomplete="current-password"
            )
            pressed = st.form_submit_button("Sign in", type="primary", width="stretch")
        if pressed:
            _try(key)
        st.markdown(
            "**No key yet?** Ask your administrator for one; this makes it:\n\n"
            "```\nsolvent keys create --role relationship_manager\n```\n"
            "A key's role decides which pages you see: `applicant`, `relationship_manager`, "
            "`risk_manager` or `admin`."
        )
        st.caption("The key is kept in this browser tab's session only. Closing it signs you out.")


def _try(key: str) -> None:
    if not key.strip():
        st.error("Enter your API key.")
        return
    try:
        session.sign_in(key.strip())
    except NotSignedInError:
        st.error("This key is not known. Check that you copied all of it.")
        return
    except ClientError as error:
        session.tell(error)
        return
    st.rerun()
