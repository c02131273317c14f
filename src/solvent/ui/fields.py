"""One question of the application form as a field, and what was typed as what the API reads."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from solvent.client import Question, QuestionKind
from solvent.client.decisions import Cell
from solvent.ui.figures import plain, whole

YES, NO = "Yes", "No"
LONG_AGO = datetime.date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Field:
    """A drawn field.

    Args:
        answer: What the API reads; None where nothing was entered.
        note: The place beneath it for what is wrong with it.
    """

    answer: Cell
    note: DeltaGenerator


def draw(question: Question, before: Mapping[str, Cell]) -> Field:
    """Draw a question.

    Args:
        question: What is asked.
        before: Answers given earlier, by column; shown again.
    """
    answer = _ask(question, _label(question), before.get(question.column))
    if question.detail:
        st.caption(plain(question.detail))
    return Field(answer, st.empty())


def _label(question: Question) -> str:
    unit = f" ({question.unit})" if question.unit else ""
    return plain(question.text + unit + ("" if question.required else " – optional"))


def _ask(question: Question, label: str, before: Cell) -> Cell:
    key = f"field-{question.column}"
    match question.kind:
        case QuestionKind.CHOICE:
            words = {choice.words: choice.value for choice in question.choices or ()}
            names = [*words]
            index = next((n for n, name in enumerate(names) if words[name] == before), None)
            chosen = st.selectbox(label, names, index=index, key=key, placeholder="Choose one")
            return None if chosen is None else words[chosen]
        case QuestionKind.YES_NO:
            given = {True: 0, False: 1}.get(before) if isinstance(before, bool) else None
            said = st.radio(label, (YES, NO), index=given, key=key, horizontal=True)
            return None if said is None else said == YES
        case QuestionKind.DATE:
            day = datetime.date.fromisoformat(before) if isinstance(before, str) else None
            picked = st.date_input(label, day, min_value=LONG_AGO, key=key, format="YYYY-MM-DD")
            return picked.isoformat() if isinstance(picked, datetime.date) else None
        case QuestionKind.NUMBER:
            return _number(question, label, before, key)
        case QuestionKind.INTEGER | QuestionKind.MONEY:
            return _whole(question, label, before, key)


def _number(question: Question, label: str, before: Cell, key: str) -> Cell:
    return st.number_input(
        label, question.at_least, question.at_most, _given(before), key=key,
        placeholder=_range(question),
    )  # fmt: skip


def _whole(question: Question, label: str, before: Cell, key: str) -> Cell:
    low, high = question.at_least, question.at_most
    given = _given(before)
    return st.number_input(
        label,
        None if low is None else int(low),
        None if high is None else int(high),
        None if given is None else int(given),
        step=1,
        key=key,
        placeholder=_range(question),
    )


def _given(before: Cell) -> float | None:
    return float(before) if isinstance(before, int | float) else None


def _range(question: Question) -> str:
    """Return what is allowed, to be read in the empty field."""
    low, high = question.at_least, question.at_most
    if low is not None and high is not None:
        return f"{whole(low)} to {whole(high)}"
    if low is not None:
        return f"{whole(low)} or more"
    return "" if high is None else f"at most {whole(high)}"
