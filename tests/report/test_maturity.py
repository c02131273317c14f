"""A falling bad rate at the end of a test is told where nobody waited for outcomes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from solvent.dataset.bad import Equals
from solvent.metrics import PeriodMetrics, validate
from solvent.report import TrainingRecord, build
from solvent.report.maturity import AS_GIVEN, chance, falling
from tests.report.records import record

GIVEN = "good_bad_flag is Bad, as given"


def run(bads: tuple[int, ...], **changes: Any) -> TrainingRecord:
    """A run with 500 test applications a month, of which so many went bad."""
    bad = np.concatenate([np.arange(500) < count for count in bads])
    pd = np.where(np.arange(bad.size) % 7 == 0, 0.3, 0.1) + bad * 0.05
    months = np.repeat([f"2024-{number:02d}" for number in range(1, len(bads) + 1)], 500)
    return record(
        pd_test=pd, bad_test=bad, period_test=months, validation=validate(pd, bad, cutoff=0.2),
        **{"bad_words": GIVEN, **changes},
    )  # fmt: skip


def test_a_fall_to_the_end_is_found_with_its_first_and_last_period() -> None:
    """The fall begins where the bad rate last rose and ends with the test."""
    found = falling(run((60, 100, 80, 40)))
    assert found is not None
    assert (found.first.period, found.last.period) == ("2024-02", "2024-04")


@pytest.mark.parametrize(
    "made",
    [
        run((60, 60, 60)),
        run((100, 40, 60)),
        run((62, 61, 60)),
        run((100, 80, 40), bad_words="flag is Bad, seen 90 days on"),
        replace(run((100, 80, 40)), period_test=None),
    ],
    ids=["level", "rises again", "chance", "waited for", "no times"],
)
def test_nothing_is_found_without_a_clear_fall_of_given_outcomes(made: TrainingRecord) -> None:
    """No fall, a fall that chance explains, outcomes that were waited for, or no times."""
    assert falling(made) is None


def test_the_summary_cautions_and_names_the_two_periods() -> None:
    """The reader sees a question of its own and the caution in the verdict."""
    page = build(run((100, 80, 40)))
    (told,) = (each for each in page.answers if "time to go bad" in each.question)
    assert told.mark == "Caution"
    assert told.words.startswith("The youngest applications may not be mature: ")
    assert "20.0\u202f% (2024-01) to 8.0\u202f% (2024-03)" in told.words
    assert "the youngest applications" in page.verdict
    assert not any("time to go bad" in each.question for each in build(record()).answers)


def test_the_chance_is_that_of_the_two_proportion_test() -> None:
    """60 of 100 against 45 of 100 gives z = 2.1240, so p = 0.0337 (pooled, two-sided)."""
    first, last = (
        PeriodMetrics(
            period="", n=100, bads=bads, bad_rate=bads / 100, mean_pd=0.5, auc=None, auc_missing=""
        )
        for bads in (60, 45)
    )
    assert chance(first, last) == pytest.approx(0.0337, abs=5e-5)


def test_outcomes_taken_as_given_say_so_at_their_end() -> None:
    """The words a report listens for are those the dataset writes."""
    assert Equals(column="flag", value="Bad", matured="given").words.endswith(AS_GIVEN)
