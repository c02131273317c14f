"""Signing in, the pages of each role, and what is said when the API does not answer."""

from __future__ import annotations

import pytest

from tests.ui.app import at, opened, pages, pressed, text
from tests.ui.fake_api import FakeApi


@pytest.mark.parametrize(
    ("key", "there"),
    [
        ("applicant-key", ["apply"]),
        ("manager-key", ["client", "apply", "batches"]),
        ("risk-key", ["campaign", "portfolio", "outcomes", "batches"]),
        ("admin-key", ["client", "apply", "batches", "campaign", "portfolio", "outcomes"]),
    ],
)
def test_a_role_sees_its_pages_and_no_other(api: FakeApi, key: str, there: list[str]) -> None:
    """The pages listed are the role's; each draws without an exception."""
    app = opened(key)
    # The first page is the one an address without a path names.
    assert pages(app) == ["", *there[1:]]
    for page in pages(app):
        at(app, page)
        assert not app.exception
        assert app.title
    assert api.state.asked


def test_who_is_not_signed_in_sees_the_sign_in_page_only(api: FakeApi) -> None:
    """Without a key there is one field, and what to do without one."""
    app = opened()
    assert not app.exception
    assert app.title[0].value == "Sign in"
    assert app.text_input(key="api_key").proto.type == app.text_input(key="api_key").proto.PASSWORD
    assert "solvent keys create --role relationship_manager" in text(app)
    assert api.state.asked == []


@pytest.mark.parametrize("key", ["wrong", "ключ", "two\nlines"])
def test_a_wrong_key_is_refused_in_words(api: FakeApi, key: str) -> None:
    """A key the API does not know, or that cannot be one, is refused without a traceback."""
    app = opened()
    app.text_input(key="api_key").input(key)
    pressed(app, "Sign in")
    assert not app.exception
    assert "This key is not known" in text(app)
    assert "me" not in app.session_state


def test_the_key_is_kept_in_the_session_alone(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After signing in the field is gone; after signing out nothing is left."""
    app = opened("manager-key")
    state = {name: repr(app.session_state[name]) for name in ("me", "api")}
    assert all("manager-key" not in words for words in state.values())
    pressed(app, "Sign out")
    assert app.title[0].value == "Sign in"
    assert "api" not in app.session_state


def test_a_revoked_key_leads_back_to_signing_in(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that stops working says so once, on the sign-in page."""
    app = opened("manager-key")
    monkeypatch.delitem(__import__("tests.ui.fake_api", fromlist=["x"]).ROLES, "manager-key")
    app.run()
    assert not app.exception
    assert app.title[0].value == "Sign in"
    assert "no longer valid" in text(app)


@pytest.mark.parametrize("key", ["manager-key", "risk-key"])
def test_an_api_that_is_down_says_what_to_start(api: FakeApi, key: str) -> None:
    """Each page says that nobody answers and names the command, and offers to try again."""
    app = opened(key)
    api.stop()
    for page in pages(app):
        at(app, page)
        assert not app.exception
        assert "The API does not answer" in text(app)
        assert "solvent serve" in text(app)
        assert [each.label for each in app.button if each.label == "Try again"]


def test_signing_in_with_the_api_down_says_what_to_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody listening is told from a wrong key."""
    monkeypatch.setenv("SOLVENT_API_URL", "http://127.0.0.1:9")
    app = opened()
    app.text_input(key="api_key").input("manager-key")
    pressed(app, "Sign in")
    assert not app.exception
    assert "solvent serve" in text(app)


def test_a_server_without_products_says_what_to_do(api: FakeApi) -> None:
    """No product is a state of its own, not an error in red."""
    api.state.products = []
    app = opened("manager-key")
    assert not app.exception
    assert "no product" in text(app)


def test_one_product_needs_no_chooser(api: FakeApi) -> None:
    """The chooser is there for several products only."""
    assert opened("manager-key").selectbox(key="product_choice")
    api.state.products = ["airtime_loans"]
    app = opened("manager-key")
    assert not app.exception
    assert "product_choice" not in app.session_state
    assert "Airtime loans" in text(app)
