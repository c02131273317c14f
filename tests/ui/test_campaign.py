"""The Campaign page: never scored, running, done, empty; the slider, the file."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.ui.app import opened, pressed, text
from tests.ui.fake_api import FakeApi
from tests.ui.fake_views import eligible_keys


def campaign() -> AppTest:
    return opened("risk-key", product="airtime_loans")


def test_the_slider_chooses_how_sure_to_be(api: FakeApi) -> None:
    """Moving it changes the count to what the API says at that confidence."""
    app = campaign()
    for percent in (90.0, 95.0, 80.0):
        app.slider(key="confidence").set_value(percent).run()
        assert not app.exception
        wanted = len(eligible_keys("airtime_loans", percent / 100))
        assert f"Eligible clients {wanted}" in text(app)
    assert (app.slider(key="confidence").min, app.slider(key="confidence").max) == (50.0, 99.9)


def test_the_sample_and_the_file_are_there(api: FakeApi) -> None:
    """Ten rows in words, and the CSV fetched when its button is pressed."""
    app = campaign()
    sample = app.dataframe[0].value
    assert list(sample["Client"]) == eligible_keys("airtime_loans", 0.9)[:10]
    assert "0.75\u00a0BRL" in set(sample["Fee"])
    assert app.get("download_button")
    assert not any(path.endswith(".csv") for _, path in api.state.asked)


def test_nobody_eligible_is_said(api: FakeApi) -> None:
    """The empty campaign keeps its funnel and offers no file."""
    app = campaign()
    app.slider(key="confidence").set_value(99.9).run()
    assert not app.exception
    assert "No client is eligible at this confidence" in text(app)
    assert not app.get("download_button")


def test_clients_never_scored_can_be_scored_now(api: FakeApi) -> None:
    """The button starts the job; its progress is shown until it is done; then the campaign."""
    api.state.campaign = "none"
    app = campaign()
    assert "No client was scored yet" in text(app)
    pressed(app, "Score all clients now")
    assert not app.exception
    assert ("POST", "/v1/products/airtime_loans/campaign/refresh") in api.state.asked
    assert app.get("progress")
    for _ in range(4):
        app.run()
    assert "Eligible clients" in text(app)


def test_a_job_somebody_else_started_is_followed(api: FakeApi) -> None:
    """A running campaign shows progress to whoever opens the page."""
    api.state.campaign = "running"
    app = campaign()
    assert not app.exception
    assert "of 412 clients scored" in app.get("progress")[0].proto.text


def test_a_failed_job_says_why(api: FakeApi) -> None:
    """The page goes back to what there was before, with the server's words."""
    app = campaign()
    api.state.job_state = "failed"
    pressed(app, "Score all clients again")
    assert not app.exception
    assert "The scoring failed: the store was full." in text(app)
    assert "Eligible clients" in text(app)
    assert "The scoring failed" not in text(app.run())
