"""Apply: the product's form, and the answer in its place."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from solvent.client import ApplicantDecision, Application, Decision, ProductForm, Verdict
from solvent.client.decisions import Cell
from solvent.errors import InvalidError
from solvent.ui import cards, fields, session
from solvent.ui.figures import day, first_up, many, percent, plain, points

STAFF = {"relationship_manager", "admin"}
CLIENT_NUMBER = "user_id"
WIDTH = 720

SENTENCES = {
    Verdict.APPROVE: "{title}: approved",
    Verdict.REFER: "{title}: a person must look at it",
    Verdict.DECLINE: "{title}: declined",
}
TO_APPLICANT = {
    Verdict.APPROVE: "Your application is approved",
    Verdict.REFER: "A colleague will look at your application",
    Verdict.DECLINE: "Your application is declined",
}
NEXT_STEPS = {
    Verdict.APPROVE: "Tell the client what is offered; the offer is stored with the decision.",
    Verdict.REFER: "Hand the application to whoever reviews; the score lies near the cutoff.",
    Verdict.DECLINE: "Tell the client the reasons in these words.",
}
INSTEAD = "Something safer can be offered instead."


def show() -> None:
    """Draw the page."""
    product = session.form()
    answer = st.session_state.get("answer")
    with st.container(width=WIDTH):
        if isinstance(answer, Decision | ApplicantDecision):
            _answer(product, answer)
        else:
            _form(product)


# ---------------------------------------------------------------------------- asking


def _asks_for_client(product: ProductForm) -> bool:
    who = session.me()
    return not product.form or (who is not None and who.role in STAFF)


def _form(product: ProductForm) -> None:
    st.title(plain(product.title))
    questions = len(product.form)
    st.markdown(
        f"{many(questions, 'question')}, less than a minute. You get the answer at once."
        if questions
        else "Decided from what is already known. You get the answer at once."
    )
    before: dict[str, Cell] = st.session_state.get("answers", {})
    with st.form("apply", border=True, enter_to_submit=False):
        drawn: dict[str, fields.Field] = {}
        if _asks_for_client(product):
            drawn[CLIENT_NUMBER] = _client_number(product, before.get(CLIENT_NUMBER))
        for question in product.form:
            drawn[question.column] = fields.draw(question, before)
        pressed = st.form_submit_button("Get the answer", type="primary", width="stretch")
        problem = st.empty()
    if not pressed:
        return
    answers = {name: each.answer for name, each in drawn.items()}
    st.session_state["answers"] = answers
    required = [each.column for each in product.form if each.required]
    required += [CLIENT_NUMBER] if not product.form else []
    missing = [name for name in required if answers[name] in (None, "")]
    for name in missing:
        drawn[name].note.markdown(":red[Please answer this question.]")
    if missing:
        problem.markdown(":red[Some answers are missing; they are marked above.]")
        return
    try:
        _decide(product, answers)
    except InvalidError as error:
        column = error.field.rpartition(".")[2]
        words = f"{_said(error.message)} {_said(error.hint)}".strip()
        place = drawn[column].note if column in drawn else problem
        place.markdown(f":red[{plain(words)}]")
        if column in drawn:
            problem.markdown(":red[One answer cannot be used; it is marked above.]")
        return
    st.rerun()


def _client_number(product: ProductForm, before: Cell) -> fields.Field:
    optional = " – optional" if product.form else ""
    answer = st.text_input(
        plain(f"{first_up(product.key_words)}{optional}"),
        value=before if isinstance(before, str) else "", key="field-user_id",
    )  # fmt: skip
    if product.form:
        st.caption("Leave it empty for somebody new: a number is made.")
    return fields.Field(answer.strip() or None, st.empty())


def _said(text: str) -> str:
    text = text.strip().removesuffix(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _decide(product: ProductForm, answers: dict[str, Cell]) -> None:
    user = answers.get(CLIENT_NUMBER)
    application = Application(
        user_id=user if isinstance(user, str) else "",
        attributes={
            name: value for name, value in answers.items()
            if name != CLIENT_NUMBER and value is not None
        },
    )  # fmt: skip
    # Pressed twice, the same answers are one application.
    body = (product.name, application.body())
    sent, key = st.session_state.get("sent", (None, ""))
    if sent != body:
        key = str(uuid4())
        st.session_state["sent"] = (body, key)
    with st.spinner("Deciding …"):
        decided = session.api().decide(product.name, application, idempotency_key=key)
    st.session_state["answer"] = decided


# ---------------------------------------------------------------------------- answering


def _answer(product: ProductForm, answer: Decision | ApplicantDecision) -> None:
    staff = isinstance(answer, Decision)
    sentence = (SENTENCES if staff else TO_APPLICANT)[answer.verdict]
    st.title(plain(sentence.format(title=product.title)))
    if isinstance(answer, Decision):
        _figures(product, answer)
        step = NEXT_STEPS[answer.verdict]
        if answer.verdict is Verdict.DECLINE and answer.alternatives:
            step = f"{step} {INSTEAD}"
        st.markdown(step)
    else:
        st.markdown(plain(answer.next_step))
    if answer.offer is not None:
        st.subheader("The offer" if staff else "Our offer")
        cards.offers([answer.offer], columns=1)
    if answer.reasons:
        st.subheader("Why")
        cards.reasons(answer.reasons)
    if answer.hints:
        st.subheader("What might make a difference")
        cards.hints(answer.hints)
    if answer.alternatives:
        st.subheader("What can be offered instead" if staff else "What we can offer you instead")
        cards.offers(answer.alternatives)
    _buttons(answer)
    st.caption(f"Decision {plain(answer.id)} of {day(answer.decided_at)}.")


def _figures(product: ProductForm, answer: Decision) -> None:
    band = f" (band {answer.band})" if answer.band else ""
    st.markdown(
        f"Score **{points(answer.score)}**{plain(band)}, approved from "
        f"{points(answer.approve_score)}. Probability of repayment "
        f"**{percent(answer.repayment_probability)}**.  \n"
        f"{first_up(plain(product.key_words))} {plain(answer.user_id)}"
    )


def _buttons(answer: Decision | ApplicantDecision) -> None:
    with st.container(horizontal=True):
        if isinstance(answer, Decision) and st.button(
            "Open this client", type="primary", key="open_client"
        ):
            st.session_state["client_key"] = answer.user_id
            st.switch_page(st.session_state["pages"]["client"])
        if st.button("Change the answers", key="change"):
            _forget("answer", "sent")
            st.rerun()
        if st.button("New application", key="again"):
            _forget("answer", "answers", "sent")
            st.rerun()


def _forget(*names: str) -> None:
    for name in names:
        st.session_state.pop(name, None)
