"""The chapter on tuning: what was tried, what was chosen, what that is worth."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from solvent.models import Range
from solvent.models.trials import State, Trial
from solvent.models.tuning import Tuned
from solvent.report import build, render
from solvent.report.figures import percent
from solvent.report.page import Section
from solvent.report.tuning import tuning, tuning_words
from tests.report.reading import RECORD, Reader

SPACE = {"rate": Range(low=0.001, high=1.0, log=True), "leaves": Range(low=2, high=64, whole=True)}


def trial(number: int, *losses: float, state: State = State.DONE) -> Trial:
    settings = {"rate": 0.01 * number, "leaves": 2 + number} if number else {}
    return Trial(number=number, settings=settings, losses=losses, state=state, seconds=1.0)


TRIALS = (
    trial(0, 0.5, 0.45), trial(1, 0.5, 0.46), trial(2, 0.6, state=State.PRUNED),
    trial(3, 0.5, 0.42), replace(trial(4, state=State.FAILED), words="too steep"),
    *(trial(5 + k, 0.5, 0.47 + 0.001 * k) for k in range(12)),
)  # fmt: skip
FOUND = Tuned(
    technique="trees", budget="10 m", folds=2, space=SPACE, trials=TRIALS,
    importance={"leaves": 0.25, "rate": 0.75},
)  # fmt: skip


def chapter(found: Tuned) -> Section:
    made = tuning(replace(RECORD, tuning=(found,)))
    assert made is not None
    return made


def test_a_model_that_was_not_tuned_has_no_such_chapter() -> None:
    assert tuning(RECORD) is None
    assert "tuning" not in {section.anchor for section in build(RECORD).sections}


def test_the_chapter_stands_on_the_page_with_what_was_chosen() -> None:
    read = Reader(render(build(replace(RECORD, tuning=(FOUND,)))))
    assert "Which settings were tried" in read.words
    assert "too steep" not in read.words  # the ten best are shown
    assert "0.42000" in read.words
    assert "0.45000" in read.text
    assert not read.badly_nested


def test_the_best_trials_come_first_and_the_chosen_is_marked() -> None:
    table = chapter(FOUND).tables[-1]
    assert table.title == "The best 10 of 17 trials"
    numbers = [row[0].text for row in table.rows]
    assert numbers[:3] == ["3", "0", "1"]
    assert table.rows[0][-1].text == "chosen"
    assert [row[-1].text for row in table.rows[1:]] == ["finished"] * 9


def test_trials_that_were_given_up_or_failed_say_how_far_they_came() -> None:
    table = chapter(replace(FOUND, trials=TRIALS[:5])).tables[-1]
    told = {row[0].text: (row[-1].text, row[-1].small) for row in table.rows}
    assert told["2"] == ("given up", "after 1 fold")
    assert told["4"] == ("failed", "too steep")


def test_the_line_of_the_best_so_far_never_rises() -> None:
    (chart,) = chapter(FOUND).charts
    spec = json.loads(chart.spec)
    path = next(one for one in spec["layer"] if one["mark"].get("interpolate") == "step-after")
    losses = [row["loss"] for row in spec["datasets"][path["data"]["name"]]]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] == 0.42
    assert "trial 3, has 0.42000; 1 trial was given up early" in chart.sentence


def test_settings_that_matter_are_ranked() -> None:
    table = chapter(FOUND).tables[1]
    assert [(row[0].text, row[1].text) for row in table.rows] == [
        ("rate", percent(0.75)),
        ("leaves", percent(0.25)),
    ]
    assert not chapter(replace(FOUND, importance={})).tables[1].rows


@pytest.mark.parametrize(
    ("trials", "words"),
    [
        (TRIALS[:2], "2 trials within 10 m: none did better than the technique as it comes"),
        (TRIALS[:4], "log loss out of fold 0.42000 with the settings chosen, 0.45000 as"),
        ((), "0 trials within 10 m, none of them finished"),
    ],
)
def test_what_it_was_worth_is_said_in_words(trials: tuple[Trial, ...], words: str) -> None:
    found = replace(FOUND, trials=trials)
    assert words in tuning_words(found)
    assert render(build(replace(RECORD, tuning=(found,))))


CHAIN = (
    replace(FOUND, link="client", whom="clients", technique="scorecard", title="scorecard"),
    replace(FOUND, link="newcomer", whom="newcomers", trials=TRIALS[:1], title="trees"),
    replace(FOUND, link="newcomer", whom="newcomers", technique="lame", trials=(),
            words="no JAX here", title="lame"),
)  # fmt: skip


def test_each_search_of_several_is_told_with_its_trials() -> None:
    record = replace(RECORD, tuning=CHAIN)
    made = tuning(record)
    assert made is not None
    assert made.lead[0].startswith(
        "18 trials of 3 searches, which shared one budget: 1 of them found"
    )
    first, *others = made.tables
    told = [(row[0].text, row[0].small, row[1].text, row[-1].text) for row in first.rows]
    assert told == [
        ("scorecard", "for clients", "17", ""),
        ("trees", "for newcomers", "1", "left as it comes"),
        ("lame", "for newcomers", "0", "not tuned: no JAX here"),
    ]
    assert [cell.text for cell in first.rows[0][2:4]] == ["0.45000", "0.42000"]
    assert [table.title for table in others] == [
        "scorecard, for clients: settings chosen",
        "scorecard, for clients: the best 10 of 17 trials",
        "trees, for newcomers: settings chosen",
        "trees, for newcomers: the best 1 of 1 trial",
    ]
    assert [chart.title.split(":")[0] for chart in made.charts] == ["scorecard, for clients"]
    assert not Reader(render(build(record))).badly_nested
