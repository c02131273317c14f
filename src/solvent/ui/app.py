"""The script `streamlit run` starts: sign in, then the pages of the key's role.

Which pages are listed is comfort, not protection: the API checks the role on every request.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from solvent.client import Me, ProductSummary
from solvent.errors import ClientError
from solvent.ui import apply, batches, campaign, client, outcomes, portfolio, session, sign_in
from solvent.ui.figures import plain

ICON = Path(__file__).with_name("icon.svg")
LOGO = Path(__file__).with_name("logo.svg")

PAGES: dict[str, tuple[str, Callable[[], None]]] = {
    "apply": ("Apply", apply.show),
    "client": ("Client", client.show),
    "batches": ("Batches", batches.show),
    "campaign": ("Campaign", campaign.show),
    "portfolio": ("Portfolio", portfolio.show),
    "outcomes": ("Outcomes", outcomes.show),
}
BY_ROLE = {
    "applicant": ("apply",),
    "relationship_manager": ("client", "apply", "batches"),
    "risk_manager": ("campaign", "portfolio", "outcomes", "batches"),
    "validator": ("portfolio", "outcomes"),
    "admin": ("client", "apply", "batches", "campaign", "portfolio", "outcomes"),
}
ROLE_WORDS = {
    "applicant": "Applicant",
    "relationship_manager": "Relationship manager",
    "risk_manager": "Risk manager",
    "validator": "Validator",
    "admin": "Administrator",
}


logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, which name clients


def main() -> None:
    """Draw the page the browser asks for."""
    # A local icon: a Material icon here would be fetched from another host.
    st.set_page_config(page_title="solvent", page_icon=str(ICON), layout="wide")
    st.logo(str(LOGO), icon_image=str(ICON), size="large")
    who = session.me()
    if who is None:
        # At every page's address, so that who comes back to one is not told that it does not exist.
        paths = (None, *PAGES)
        st.navigation(
            [st.Page(sign_in.show, title="Sign in", url_path=path) for path in paths],
            position="hidden",
        ).run()
        return
    pages = {
        name: st.Page(session.guarded(PAGES[name][1]), title=PAGES[name][0], url_path=name)
        for name in BY_ROLE.get(who.role, ())
    }
    if not pages:
        session.sign_out(f"There are no pages for the role {who.role}.")
        st.rerun()
    st.session_state["pages"] = pages
    page = st.navigation([*pages.values()])
    if _sidebar(who):
        page.run()


def _sidebar(who: Me) -> bool:
    """Draw the product chooser and the way out; tell whether the API answers."""
    products: tuple[ProductSummary, ...] | None = None
    try:
        products = session.api().products()
    except ClientError as error:
        session.tell(error)
    with st.sidebar:
        titles = {each.name: each.title for each in products or ()}
        if len(titles) > 1:
            _choose(titles)
        elif products is not None:
            st.session_state["product_name"] = next(iter(titles), None)
        # A key that was made without a name is named after its role.
        name = "" if who.name == who.role else f"{plain(who.name)}  \n"
        st.caption(f"{name}{ROLE_WORDS[who.role]}")
        if st.button("Sign out", key="sign_out", width="stretch"):
            session.sign_out()
            st.rerun()
    return products is not None


def _choose(titles: dict[str, str]) -> None:
    names = [*titles]
    before = st.session_state.get("product_name")
    chosen = st.selectbox(
        "Product", names, format_func=titles.__getitem__, key="product_choice",
        index=names.index(before) if before in names else 0,
    )  # fmt: skip
    if chosen != before:
        # What was picked belongs to the other product.
        for name in ("client_key", "answer", "answers", "apply_errors"):
            st.session_state.pop(name, None)
    st.session_state["product_name"] = chosen


if __name__ == "__main__":
    main()
