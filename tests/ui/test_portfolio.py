"""The Portfolio page: the slider, what it makes, and where the figures come from."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui import fake_views
from tests.ui.app import at, opened, text
from tests.ui.fake_api import FakeApi


def portfolio() -> AppTest:
    return at(opened("risk-key"), "portfolio")


def test_it_opens_at_the_policy(api: FakeApi) -> None:
    """Nothing is compared with itself: no change is shown at the policy's own cutoff."""
    app = portfolio()
    assert app.slider(key="cutoff").value == 12.0
    assert {each.delta for each in app.metric} == {""}
    assert "What you chose" not in text(app)


def test_moving_the_cutoff_moves_every_figure(api: FakeApi) -> None:
    """Tiles, charts and the four outcomes follow, with the change against the policy."""
    app = portfolio()
    app.slider(key="cutoff").set_value(15.0).run()
    assert not app.exception
    told = text(app)
    assert "Approval rate 56.9 % +10.8 pp" in told
    assert "Profit 23,728 RUB -672 RUB" in told
    assert "1,901 RUB per 1,000 applications" in told
    assert "Bad loans made 566" in told
    assert "35,092 RUB lost" in told
    assert "What you chose: 15.0 %" in told


@pytest.mark.parametrize("cutoff", [0.0, 59.0])
def test_approving_nobody_or_nearly_all_draws(api: FakeApi, cutoff: float) -> None:
    """With nobody approved there is no bad rate, and the page says a dash."""
    app = portfolio()
    app.slider(key="cutoff").set_value(cutoff).run()
    assert not app.exception
    assert ("Bad rate among approved –" in text(app)) == (cutoff == 0.0)


def test_it_says_what_it_was_judged_on(api: FakeApi) -> None:
    """What the best cutoff was chosen on, what everything was judged on, the economics."""
    told = text(portfolio())
    assert "Judged on 12,480 loans of January and February 2026" in told
    assert "chosen on 6,240 loans of October to December 2025" in told
    assert "between 10.9 % and 15.1 %" in told


def test_nothing_to_judge_on_is_said(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty portfolio is a sentence."""
    empty = fake_views.portfolio("instant_card", None) | {"applications": 0, "curve": []}
    monkeypatch.setattr(fake_views, "portfolio", lambda *_: empty)
    app = portfolio()
    assert not app.exception
    assert "No applications with a known outcome" in text(app)


def test_without_interval_and_money_the_page_still_draws(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server does not say is left out, not invented."""
    whole = fake_views.portfolio("instant_card", None)
    short = {name: value for name, value in whole.items() if name != "confusion_money"}
    short |= {"best_low": None, "best_high": None}
    monkeypatch.setattr(fake_views, "portfolio", lambda *_: short)
    app = portfolio()
    assert not app.exception
    assert " lost" not in text(app)
    assert "was not computed" in text(app)
