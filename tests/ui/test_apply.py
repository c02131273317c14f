"""The Apply page: the form, what is wrong with it, and the answer in its place."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.app import at, opened, pressed, text
from tests.ui.fake_api import FakeApi
from tests.ui.fake_data import pd_of, verdict_of
from tests.ui.fake_views import NEXT_STEPS

INCOMES = {
    verdict: next(
        income
        for income in range(20_000, 90_000, 1_000)
        if verdict_of(pd_of(f"new-{income}"), "instant_card") == verdict
    )
    for verdict in ("approve", "refer", "decline")
}


def form(key: str = "applicant-key") -> AppTest:
    app = opened(key)
    return at(app, "apply") if key != "applicant-key" else app


def filled(app: AppTest, income: int) -> AppTest:
    app.number_input(key="field-age").set_value(34)
    app.selectbox(key="field-education").set_value("University degree")
    app.number_input(key="field-income").set_value(income)
    app.radio(key="field-car").set_value("Yes")
    return pressed(app, "Get the answer")


def test_the_form_asks_what_the_product_declares(api: FakeApi) -> None:
    """Texts, help, units, choices in words and limits come from the product's form."""
    app = form()
    age = app.number_input(key="field-age")
    assert (age.label, age.min, age.max, age.value) == ("How old are you? (years)", 21, 75, None)
    assert app.selectbox(key="field-education").options[2] == "University degree"
    assert app.number_input(key="field-income").label == "What do you earn a month? (RUB)"
    assert app.selectbox(key="field-first_time").label.endswith("– optional")
    assert "After tax, as it arrives in your account." in text(app)
    with pytest.raises(KeyError):
        app.text_input(key="field-user_id")


def test_missing_answers_are_marked_and_nothing_is_sent(api: FakeApi) -> None:
    """Each required question left out is marked; the API is not asked."""
    app = pressed(form(), "Get the answer")
    assert text(app).count("Please answer this question.") == 4
    assert "they are marked above" in text(app)
    assert not api.state.decisions


def test_what_the_api_refuses_stands_at_the_field_it_names(api: FakeApi) -> None:
    """A refused answer is told in the API's words and every answer stays as typed."""
    app = filled(form(), 13)
    assert "Is not an income we can use. Write it in whole roubles." in text(app)
    assert "One answer cannot be used" in text(app)
    assert app.number_input(key="field-age").value == 34
    assert not api.state.decisions


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("approve", "Your application is approved"),
        ("refer", "A colleague will look at your application"),
        ("decline", "Your application is declined"),
    ],
)
def test_an_applicant_gets_the_answer_in_place(api: FakeApi, verdict: str, words: str) -> None:
    """The verdict in a sentence, offer or reasons, the next step; no score and no PD."""
    app = filled(form(), INCOMES[verdict])
    assert not app.exception
    assert app.title[0].value == words
    told = text(app)
    assert NEXT_STEPS[verdict] in told
    assert ("Classic card" in told) == (verdict == "approve")
    assert ("Why" in told) == (verdict != "approve")
    assert "Score" not in told
    assert "robability" not in told


def test_staff_see_score_and_may_open_the_client(api: FakeApi) -> None:
    """A relationship manager names the client, sees the score and goes on to the client."""
    app = form("manager-key")
    app.text_input(key="field-user_id").input(" 42587-000 ")
    app = filled(app, 40_000)
    assert "Score 619" in text(app)
    assert "42587-000" in text(app)
    (made,) = api.state.decisions.values()
    assert made["user_id"] == "42587-000"
    pressed(app, "Open this client")
    assert "42587-000" in app.title[0].value.replace("\\", "")


def test_the_same_answers_are_one_application(api: FakeApi) -> None:
    """Sent twice, the same answers carry the same idempotency key; changed, another."""
    app = filled(form(), INCOMES["approve"])
    sent = app.session_state["sent"]
    del app.session_state["answer"]
    app = filled(app.run(), INCOMES["approve"])
    assert app.session_state["sent"] == sent
    assert len(api.state.decisions) == 1
    pressed(app, "Change the answers")
    assert app.number_input(key="field-age").value == 34
    filled(app, INCOMES["decline"])
    assert len(api.state.decisions) == 2


def test_a_store_that_cannot_write_is_told_and_the_form_stays(api: FakeApi) -> None:
    """Nothing is lost: the answers stay, and what to do is said."""
    app = form()
    api.state.writable = False
    app = filled(app, INCOMES["approve"])
    assert not app.exception
    assert "cannot be written" in text(app)
    assert app.number_input(key="field-age").value == 34


def test_a_product_without_questions_asks_for_the_client(api: FakeApi) -> None:
    """Then the client's number is required."""
    app = opened("manager-key", product="airtime_loans")
    app = pressed(at(app, "apply"), "Get the answer")
    assert "Please answer this question." in text(app)
    app.text_input(key="field-user_id").input("46626-001")
    pressed(app, "Get the answer")
    assert "Airtime loans: approved" in text(app)
    assert "5.75\\xa0BRL" in str([each.value.to_dict() for each in app.table])
