"""The summary's answers turn where their figures do, and say a thing once."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.dataset import Check, Stage
from solvent.dataset.build import APART, USABLE
from solvent.metrics import validate
from solvent.report import build
from solvent.report.page import Answer, Tone
from tests.report.reading import RECORD, text_of
from tests.report.records import accounts, record

SPLIT = (
    "by time: trained on 900 applications until 2024-03-30, tested on 3,000 later ones of other "
    "customers; 0 were set aside because no customer may stand on both sides"
)


def answer(topic: str, **changes: object) -> Answer:
    """The answer to the question that holds a word."""
    (found,) = (each for each in build(record(**changes)).answers if topic in each.question)
    return found


def tones(**changes: object) -> dict[str, Tone]:
    """How each card is coloured."""
    return {tile.label: tile.tone for tile in build(record(**changes)).tiles}


@pytest.mark.parametrize(
    ("noise", "mark"), [(0.5, "Yes"), (3.0, "Caution"), (1e9, "No")], ids=["well", "weak", "chance"]
)
def test_ranking_is_yes_caution_or_no(noise: float, mark: str) -> None:
    """Below 0.65 is a caution, an interval with 0.5 is a no, and the card is coloured alike."""
    _, bad = accounts(3000, seed=7)
    random = np.random.default_rng(3)
    log_odds = np.log(RECORD.pd_test) - np.log1p(-RECORD.pd_test)
    noisy = -2.0 + (log_odds + 2.0 + (noise - 0.5) * random.normal(0.0, 1.2, 3000)) / max(1, noise)
    pd = np.clip(1.0 / (1.0 + np.exp(-noisy)), 1e-6, 1 - 1e-6)
    changes = {"pd_test": pd, "bad_test": bad, "validation": validate(pd, bad, cutoff=0.2)}
    assert answer("rank risk", **changes).mark == mark
    assert tones(**changes)["AUC"] is (Tone.PLAIN if mark == "Yes" else Tone.WARN)


def test_the_card_at_fault_is_the_one_coloured() -> None:
    """PDs all too high by one factor of the odds colour the bad rate and leave the slope alone."""
    odds = 1.6 * RECORD.pd_test / (1.0 - RECORD.pd_test)
    pd = odds / (1.0 + odds)
    found = tones(pd_test=pd, validation=validate(pd, RECORD.bad_test, cutoff=0.2))
    assert (found["Calibration slope"], found["Bad rate"]) == (Tone.PLAIN, Tone.WARN)
    pd = 1.0 / (1.0 + (1.0 / RECORD.pd_test - 1.0) ** 1.5 * np.exp(-0.95))
    found = tones(pd_test=pd, validation=validate(pd, RECORD.bad_test, cutoff=0.2))
    assert found["Calibration slope"] is Tone.WARN


def _funnel(usable: int, apart: int) -> tuple[Stage, ...]:
    return (
        Stage(label="Applications read", rows=usable),
        Stage(label=USABLE, rows=usable),
        Stage(label=APART, rows=apart),
    )


def test_a_small_test_and_much_set_aside_are_told_once_each() -> None:
    """Below 10 % tested and above 25 % set aside turn to cautions with their shares."""
    changes = {"funnel": _funnel(40000, 20000), "immature": 0, "refusals": ()}
    assert answer("large", **changes).mark == "Caution"
    assert "only 7.5\u202f% of 40,000 usable" in answer("large", **changes).words
    assert answer("set aside", **changes).mark == "Much"
    assert (
        "20,000 of 40,000 usable applications (50.0\u202f%)" in answer("set aside", **changes).words
    )
    changes["funnel"] = _funnel(12000, 11000)
    assert answer("large", **changes).mark == "Yes"
    assert answer("set aside", **changes).mark == "Some"


def test_the_sentence_on_customers_is_not_repeated_and_zero_is_not_told() -> None:
    """What is set aside stands under its own question; none set aside is nothing to tell."""
    text = text_of(split_words=SPLIT, immature=0, refusals=(), funnel=_funnel(12000, 12000))
    assert "0 were set aside" not in text
    assert "no customer may stand on both sides" not in text
    assert "Every application read was used" in text


def test_moments_are_written_one_way() -> None:
    """Days and minutes of any spelling look alike."""
    text = text_of(created_at="2026-11-22T09:51:01+00:00", observed_until="2020-02-06T00:55:50Z")
    assert "2026-11-22, 09:51 UTC" in text
    assert "Outcomes were watched until 2020-02-06, 00:55 UTC." in text
    assert "T00:55" not in text


def test_a_cutoff_that_turns_most_away_is_told_so() -> None:
    """A cutoff that declines more than half says so; another does not."""
    greedy = validate(RECORD.pd_test, RECORD.bad_test, cutoff=0.02)
    assert "That is more than half of all" in text_of(validation=greedy)
    assert "That is more than half of all" not in text_of()


def test_a_band_of_tied_pds_is_not_called_the_riskiest_share() -> None:
    """Where one PD holds most applications the sentence says why the band is so wide."""
    pd = np.where(np.arange(3000) % 20 == 0, 0.05, 0.2)
    text = text_of(pd_test=pd, validation=validate(pd, RECORD.bad_test, cutoff=0.2))
    assert "cannot be made smaller than 95.0 % of applications" in text
    assert "the model calls riskiest" not in text


def test_a_check_is_named_before_what_was_found() -> None:
    """The gate's table leads with the name; the finding stands below it."""
    found = Check(name="future rewritten", words="nothing moved", passed=True)
    (chapter,) = (each for each in build(record(gate=(found,))).sections if each.anchor == "gate")
    cell = chapter.tables[0].rows[0][0]
    assert (cell.text, cell.small, cell.code) == ("future rewritten", "nothing moved", False)


def test_protected_attributes_promise_nothing() -> None:
    """Where some are declared and nothing was measured, the page says so."""
    assert "How these groups fare is not measured" in text_of()
    assert "not measured" not in text_of(protected=())
