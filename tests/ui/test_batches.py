"""The Batches page: nothing sent, a file sent, watched, cancelled, downloaded, removed."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from solvent.client import Client
from tests.ui.app import at, opened, pages, pressed, text
from tests.ui.fake_api import FakeApi
from tests.ui.fake_batches import ROWS

FILE = b"user_id,amount\n" + b"C1,100\n" * ROWS


def batches(key: str = "risk-key") -> AppTest:
    return at(opened(key, product="airtime_loans"), "batches")


def sent(app: AppTest) -> AppTest:
    (uploader,) = app.get("file_uploader")
    uploader.set_value(("loans.csv", FILE, "text/csv")).run()
    return pressed(app, "Send")


def buttons(app: AppTest) -> list[str]:
    return [each.label for each in (*app.button, *app.get("download_button"))]


def test_an_empty_page_says_what_to_do(api: FakeApi) -> None:
    app = batches()
    assert not app.exception
    assert "No batch was sent yet. Choose a file above" in text(app)
    (send,) = [each for each in app.button if each.label == "Send"]
    assert send.disabled


def test_a_file_is_sent_watched_and_downloaded(api: FakeApi) -> None:
    """Each look sees it further, then done with its rows set aside, and the files to take."""
    app = sent(batches())
    assert not app.exception
    (made,) = api.state.batches.values()
    assert (made["rows"], made["name"], made["mode"]) == (ROWS, "loans.csv", "score")
    assert "1,200 applications, nothing kept" in text(app)
    assert "Cancel" in buttons(app)
    assert app.get("progress")
    for _ in range(4):
        app.run()
    assert not app.exception
    assert "1,200 applications, 4 set aside, nothing kept" in text(app)
    assert {"Results (CSV)", "Results (Parquet)", "Remove"} <= set(buttons(app))
    assert not any(path.endswith("/results") for _, path in api.state.asked)
    pressed(app, "Remove")
    assert api.state.batches == {}


def test_one_that_decides_can_be_cancelled(api: FakeApi) -> None:
    app = batches()
    app.radio(key="batch_decide").set_value(True).run()
    app.toggle(key="batch_reasons").set_value(False).run()
    pressed(sent(app), "Cancel")
    (made,) = api.state.batches.values()
    assert (made["mode"], made["reasons"], made["state"]) == ("decide", False, "cancelled")
    app.run()
    assert "decisions kept" in text(app)


def test_batches_are_for_staff(api: FakeApi) -> None:
    assert "batches" not in pages(opened("applicant-key"))
    for key in ("manager-key", "risk-key", "admin-key"):
        assert "batches" in pages(opened(key))


def test_the_client_sends_watches_and_takes(api: FakeApi) -> None:
    with Client(api.url, "risk-key") as client:
        made = client.send_batch("airtime_loans", FILE, name="May", decide=True)
        assert (made.rows, made.name, made.mode, made.is_over) == (ROWS, "May", "decide", False)
        while not (now := client.batch(made.id)).is_over:
            assert now.eta_seconds == 75.0
        assert [one.id for one in client.batches()] == [made.id]
        assert client.batch_results(made.id, kind="parquet").endswith(b"parquet\n")
        assert client.cancel_batch(made.id).state == "done"
        assert client.remove_batch(made.id).state == "removed"
