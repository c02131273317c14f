"""The report tells which techniques were tried and why one was kept."""

from __future__ import annotations

from dataclasses import replace

from solvent.models import Contender
from solvent.report import build, render
from solvent.report.contest import contest, contest_words
from tests.report.reading import RECORD

FOUND = (
    Contender(
        technique="logistic", title="logistic regression", auc=0.7112, log_loss=0.47189,
        behind=0.00421, error=0.0019, seconds=2.94, weight=0.302,
        why="more than one standard error behind",
    ),
    Contender(
        technique="blend", title="blend", auc=0.7192, log_loss=0.46768, behind=0.0, error=0.0,
        seconds=8.8, chosen=True, why="least log loss",
    ),
    Contender(technique="catboost", title="CatBoost", why="not tried: CatBoost is not installed"),
)  # fmt: skip


def test_one_technique_alone_is_no_contest() -> None:
    assert contest(RECORD) is None
    assert all(section.anchor != "contest" for section in build(RECORD).sections)


def test_every_technique_has_its_figures_and_its_reason_on_the_page() -> None:
    page = build(replace(RECORD, contest=FOUND))
    section = next(one for one in page.sections if one.anchor == "contest")
    rows = [[cell.text for cell in row] for row in section.tables[0].rows]
    assert rows == [
        ["logistic regression", "0.7112", "0.47189", "0.00421 ± 0.00190", "0.302", "2.9",
         "more than one standard error behind"],
        ["blend", "0.7192", "0.46768", "–", "–", "8.8", "least log loss"],
        ["CatBoost", "–", "–", "–", "–", "–", "not tried: CatBoost is not installed"],
    ]  # fmt: skip
    html = render(page)
    assert all(one.why in html for one in FOUND)


def test_a_sentence_says_how_many_were_tried_and_which_was_kept() -> None:
    (words,) = contest_words(FOUND)
    assert words.startswith("2 techniques were tried on the same folds, 1 more could not be.")
    assert words.endswith("The model is blend: least log loss.")
    (words,) = contest_words(FOUND[:1])
    assert words.startswith("1 technique was tried")
    assert words.endswith("1 of them has weight in the model.")
