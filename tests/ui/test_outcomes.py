"""The Outcomes page: predicted beside realised, and what to do where nothing is known."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui import fake_outcomes
from tests.ui.app import at, drawn, opened, text
from tests.ui.fake_api import FakeApi


def outcomes() -> AppTest:
    app = at(opened("risk-key"), "outcomes")
    assert not app.exception
    return app


def test_the_tiles_are_the_apis_figures(api: FakeApi) -> None:
    told = text(outcomes())
    assert "Outcomes known 1,200" in told
    assert "of 1,501 approved loans; 300 too young, 1 not told" in told
    assert "Realised bad rate 10.2 %" in told
    assert "Predicted bad rate 10.4 %" in told
    assert "124.5 bad loans expected, 123 seen" in told
    assert "Gini of the outcomes 48.0 %" in told
    assert "Predicted and realised agree" in told
    assert "In 3 of 3 months the prediction lies within the 95 % interval" in told
    assert "12,400 BRL came back and 610 BRL was lost" in told or "RUB" in told
    assert "Only approved loans have outcomes" in told


def test_the_charts_draw_what_is_known_and_nothing_else(api: FakeApi) -> None:
    """A month of which nothing is known has no bad rate drawn, and its loans are counted young."""
    rows = [row for layer in drawn(outcomes()) for row in layer]
    rates = {row["label"]: row["bad"] for row in rows if "bad" in row}
    assert set(rates) == {*fake_outcomes.MONTHS[:3], "A", "B", "below B"}
    assert rates["2025-12"] == pytest.approx(41 / 400)
    young = {row["month"]: row["loans"] for row in rows if row.get("state") == "Too young"}
    assert young == {**dict.fromkeys(fake_outcomes.MONTHS[:3], 0), "2026-02": 300}


def test_other_bands_are_asked_for(api: FakeApi) -> None:
    app = outcomes()
    app.get("button_group")[0].set_value("deciles").run()
    assert not app.exception
    rows = [row for layer in drawn(app) for row in layer]
    assert "0.0 to 5.0 %" in {row.get("label") for row in rows}


@pytest.mark.parametrize(
    ("z", "p_value", "words"),
    [
        (4.2, 0.0001, "More loans went bad than predicted (4.2 standard errors, p = 0.000)"),
        (-2.1, 0.036, "Perhaps fewer loans went bad than predicted"),
        (None, None, "Too few outcomes are known to judge"),
    ],
)
def test_the_verdict_is_the_tests(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, z: float | None, p_value: float | None,
    words: str,
) -> None:  # fmt: skip
    found = fake_outcomes.realised("instant_card", None)
    found["whole"] |= {"z": z, "p_value": p_value}
    monkeypatch.setattr(fake_outcomes, "realised", lambda *_: found)
    assert words in text(outcomes())


@pytest.mark.parametrize(
    ("decided", "young", "words"),
    [
        (0, 0, "Nothing was decided yet"),
        (9, 9, "Every loan is too young: nothing is known of a loan before 30 days are over"),
        (9, 4, "No outcome is known yet. Tell what became of the loans"),
    ],
)
def test_where_nothing_is_known_it_says_what_to_do(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, decided: int, young: int, words: str
) -> None:
    found = fake_outcomes.nothing_known("instant_card", decided=decided, young=young)
    monkeypatch.setattr(fake_outcomes, "realised", lambda *_: found)
    app = outcomes()
    assert words in text(app)
    assert not drawn(app)
    told = [each.value for each in app.code]
    assert bool(told) == (young < decided)
    if told:
        assert "solvent outcomes load instant_card outcomes.csv" in told[0]
