"""What one browser session holds: the key's client, the role, the product being looked at."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps

import streamlit as st

from solvent.client import Client, Me, Product, ProductForm
from solvent.errors import (
    ClientError,
    NotFoundError,
    NotSignedInError,
    RefusedError,
    UnavailableError,
)
from solvent.ui.figures import plain
from solvent.ui.launch import API_URL, DEFAULT_API_URL

TIMEOUT = 30.0


def address() -> str:
    """Return where the API is."""
    return os.environ.get(API_URL, "") or DEFAULT_API_URL


def me() -> Me | None:
    """Return who is signed in; None where nobody is."""
    found = st.session_state.get("me")
    return found if isinstance(found, Me) else None


def api() -> Client:
    """Return the client of whoever is signed in.

    Raises:
        NotSignedInError: Nobody is.
    """
    found = st.session_state.get("api")
    if not isinstance(found, Client):
        raise NotSignedInError("you are not signed in", hint="enter your API key")
    return found


def sign_in(key: str) -> None:
    """Sign in with a key; it is kept in this session's memory and nowhere else.

    Raises:
        ClientError: The API does not know it, or does not answer.
    """
    client = Client(address(), key, TIMEOUT)
    st.session_state["me"] = client.me()
    st.session_state["api"] = client


def sign_out(notice: str = "") -> None:
    """Forget the key and everything shown with it.

    Args:
        notice: What the sign-in page says; empty for nothing.
    """
    client = st.session_state.get("api")
    if isinstance(client, Client):
        client.close()
    st.session_state.clear()
    if notice:
        st.session_state["notice"] = notice


def product() -> Product:
    """Return the product being looked at, fresh from the API.

    Raises:
        NotFoundError: The server decides no product.
    """
    return api().product(_product_name())


def form() -> ProductForm:
    """Return what the product being looked at asks; an applicant's key may read no more.

    Raises:
        NotFoundError: The server decides no product.
    """
    return api().form(_product_name())


def _product_name() -> str:
    name = st.session_state.get("product_name")
    if not isinstance(name, str):
        raise NotFoundError(
            "the server has no product to decide", hint="train one and start solvent serve again"
        )
    return name


def guarded(show: Callable[[], None]) -> Callable[[], None]:
    """Return a page, or a part of one, that tells in words what the API refused."""

    @wraps(show)
    def safe() -> None:
        try:
            show()
        except ClientError as error:
            tell(error)

    return safe


def tell(error: ClientError) -> None:
    """Tell what went wrong and what to do; a key that is no longer known signs out."""
    if isinstance(error, NotSignedInError) and me() is not None:
        sign_out("Your key is no longer valid. Sign in again.")
        st.rerun()
    title = "This did not work"
    if isinstance(error, UnavailableError):
        title = "The API does not answer"
    elif isinstance(error, RefusedError):
        title = "Your role may not see this"
    elif isinstance(error, NotFoundError):
        title = "Not found"
    box = st.warning if isinstance(error, RefusedError | NotFoundError) else st.error
    lines = [f"**{title}**", f"{plain(_sentence(error.message))}"]
    if error.hint:
        lines.append(f"What to do: {_commands(error.hint)}")
    box("\n\n".join(lines))
    if isinstance(error, UnavailableError):
        st.button("Try again", key=f"again-{abs(hash(error.message))}")


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _commands(hint: str) -> str:
    """Return a hint with a command of ours set as code."""
    before, found, after = hint.partition("solvent ")
    if not found or not before.rstrip().endswith(":"):
        return plain(_sentence(hint))
    return f"{plain(before)}`{found}{after}`"
