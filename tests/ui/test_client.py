"""The Client page: the list, where a client stands, their values and history."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.app import drawn, opened, pressed, text
from tests.ui.fake_api import FakeApi
from tests.ui.fake_data import EFFECTS, VALUES, client_keys, pd_of, verdict_of
from tests.ui.fake_views import SCORED_WITH

KEYS = client_keys("airtime_loans")
APPROVED = next(key for key in KEYS if verdict_of(pd_of(key), "airtime_loans") == "approve")
DECLINED = next(key for key in KEYS if verdict_of(pd_of(key), "airtime_loans") == "decline")


def listed(key: str = "manager-key") -> AppTest:
    return opened(key, product="airtime_loans")


def one(client: str) -> AppTest:
    app = listed()
    app.text_input(key="search").input(client).run()
    return pressed(app, f"Open customer number {client}")


def test_the_list_shows_who_is_there_page_by_page(api: FakeApi) -> None:
    """Fifty clients a page, with the newest verdict in words."""
    app = listed()
    rows = app.dataframe[0].value
    assert next(iter(rows.columns)) == "Customer number"
    assert list(rows["Customer number"]) == KEYS[:50]
    assert set(rows["Newest decision"]) <= {"Approved", "For review", "Declined", "Never decided"}
    assert "412 clients, showing 1 to 50." in text(app)
    pressed(app, "Next")
    assert list(app.dataframe[0].value["Customer number"]) == KEYS[50:100]
    app.text_input(key="search").input("1").run()
    found = [key for key in KEYS if key.startswith("1")]
    assert list(app.dataframe[0].value["Customer number"]) == found[:50]


def test_a_search_without_a_hit_says_so(api: FakeApi) -> None:
    """An empty list is a sentence, not an empty table."""
    app = listed()
    app.text_input(key="search").input("$nobody*").run()
    assert not app.dataframe
    assert "No customer number begins with “$nobody*”." in text(app)


@pytest.mark.parametrize("client", [APPROVED, DECLINED])
def test_a_client_is_told_in_sentences(api: FakeApi, client: str) -> None:
    """Score against cutoff, what it means for anybody, the reference, the offer or the reasons."""
    app = one(client)
    assert not app.exception
    told = text(app)
    assert "needed for approval." in told
    assert "Of 100 clients like this, about" in told
    assert "fewer than 16 of 100 do not." in told
    assert "customers approved in 2025" in told
    assert f"Scored with {SCORED_WITH}." in told.replace("\\", "")
    assert ("May be offered" in told) == (client == APPROVED)
    assert ("Main reasons" in told) == (client == DECLINED)


@pytest.mark.parametrize("client", [APPROVED, DECLINED])
def test_hints_and_the_other_group_are_told_where_something_was_refused(
    api: FakeApi, client: str
) -> None:
    """What would have been approved, that it is no promise, and who else one could compare with."""
    told = text(one(client)).replace("\\", "")
    declined = client == DECLINED
    assert ("With the *amount* at 300 EUR or less this would be approved." in told) == declined
    assert ("No promise: a new request is decided on what is known then." in told) == declined
    assert ("Compared with all 2,000 applicants:" in told) == declined
    assert ("taken together they are the same" in told) == declined


def test_effects_are_words_eight_a_side_and_the_rest_in_one_bar(api: FakeApi) -> None:
    """At most eight against, eight for and one bar for everything else; in points."""
    app = one(APPROVED)
    rows = next(
        rows for rows in drawn(app) if rows[0].get("text") == "Earlier loans were repaid late"
    )
    assert len(rows) <= 17
    words = {text for text, *_ in EFFECTS} | {"Everything else"}
    assert {row["text"] for row in rows} <= words
    assert "Everything else" in {row["text"] for row in rows}


def test_no_raw_feature_name_is_shown(api: FakeApi) -> None:
    """The model's names of features stay with the API."""
    app = one(APPROVED)
    shown = text(app) + str(drawn(app)) + str([each.value.to_dict() for each in app.dataframe])
    for number in range(len(VALUES)):
        assert f"'x{number}'" not in shown


def test_values_can_be_filtered_and_compared(api: FakeApi) -> None:
    """By theme, by words, by what counted; against another group."""
    app = one(APPROVED)
    assert len(app.dataframe[0].value) == 40
    app.selectbox(key="values_theme").select("Loyalty").run()
    loyalty = {title for title, theme, *_ in VALUES if theme == "Loyalty"}
    assert set(app.dataframe[0].value["What"]) == loyalty
    app.selectbox(key="values_theme").select("All themes").run()
    app.toggle(key="values_counted").set_value(True).run()
    assert 0 < len(app.dataframe[0].value) < 40
    app.text_input(key="values_search").input("no such thing").run()
    assert "No value matches" in text(app)
    app.text_input(key="values_search").input("").run()
    app.selectbox(key="values_group").select_index(1).run()
    assert not app.exception


@pytest.mark.parametrize("title", ["Loyalty tier", "Share of top-ups through the app", "Age"])
def test_one_value_is_drawn_beside_the_group(api: FakeApi, title: str) -> None:
    """A category, a share and a number each draw, with the client's own value."""
    app = one(APPROVED)
    app.selectbox(key="values_group").select_index(1).run()
    app.selectbox(key="value_title").select(title).run()
    assert not app.exception
    assert f"{title}: " in text(app)
    assert "this client" in str(drawn(app)).lower()


def test_a_value_that_is_not_known_is_drawn_without_a_position(api: FakeApi) -> None:
    """Null is "not known", never zero."""
    app = one(APPROVED)
    app.selectbox(key="value_title").select("Loans still open").run()
    assert not app.exception
    assert "Loans still open: not known" in text(app)


def test_the_history_is_told_newest_first(api: FakeApi) -> None:
    """Verdict, score and probability of each decision."""
    app = one(APPROVED)
    history = app.dataframe[1].value
    assert [words.split(",")[0] for words in history["Decided"]] == [
        "2 March 2026", "2 February 2026", "2 January 2026",
    ]  # fmt: skip


def test_a_client_who_is_gone_leads_back(api: FakeApi) -> None:
    """A number the API does not know is said, and the list is one click away."""
    app = listed()
    app.session_state["client_key"] = "no such client"
    app.run()
    assert not app.exception
    assert "No client has the customer number no such client." in text(app)
    pressed(app, "← All clients")
    assert app.title[0].value == "Clients"


def test_another_product_forgets_the_client(api: FakeApi) -> None:
    """A client belongs to the product they were picked for."""
    app = one(APPROVED)
    app.selectbox(key="product_choice").select("instant_card").run()
    assert app.title[0].value == "Clients"
