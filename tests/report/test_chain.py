"""The chapter on a chain of models says whom each scores, how well, and what cannot be told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from solvent.metrics import auc_difference, auc_interval, validate
from solvent.models import Contender
from solvent.report import LinkLine, build
from solvent.report.chain import chain
from solvent.report.contest import contest
from tests.report.reading import RECORD, text_of
from tests.report.records import record


def lines(*, worse: bool = False, few: bool = False) -> tuple[LinkLine, LinkLine]:
    """Two links: the first scores every third test application, and ranks better (or worse)."""
    pd, bad = RECORD.pd_test, RECORD.bad_test
    noise = np.random.default_rng(5).random(len(pd))
    rows = np.arange(len(pd)) % 3 == 0
    other = np.clip(0.5 * noise + 0.2 * pd, 0.0, 1.0)
    gap = auc_difference(other[rows], pd[rows], bad[rows])
    better = auc_difference(pd[rows], other[rows], bad[rows])
    first = LinkLine(
        name="client", words="clients we know", needs=("client",), technique="boosted_trees",
        features=12, learnt=900, tested=int(rows.sum()),
        test=None if few else validate(pd[rows], bad[rows], cutoff=0.1),
        over_last=None if few else (gap if worse else better), alone=auc_interval(pd, bad),
        gain=None,
    )  # fmt: skip
    last = LinkLine(
        name="newcomer", words="people new to us", needs=(), technique="logistic", features=6,
        learnt=3000, tested=int((~rows).sum()), test=validate(pd[~rows], bad[~rows], cutoff=0.1),
        over_last=None, alone=auc_interval(other, bad), gain=auc_difference(pd, other, bad),
    )  # fmt: skip
    return first, last


def test_a_single_model_has_no_such_chapter() -> None:
    assert chain(RECORD) is None
    assert all(section.anchor != "chain" for section in build(RECORD).sections)


def test_it_says_whom_each_model_scores_and_which_ranks_better() -> None:
    text = text_of(links=lines())
    assert "by the model for clients we know" in text
    assert "ranks better" in text
    assert "needs: client" in text
    assert "takes everybody else" in text
    assert "ranks worse" in text_of(links=lines(worse=True))


def test_too_few_to_tell_is_said_and_no_figure_made_up() -> None:
    first, last = lines(few=True)
    section = chain(record(links=(first, last)))
    assert section is not None
    cells = section.tables[0].rows[0]
    assert [cell.text for cell in cells[-4:]] == ["–"] * 4
    assert cells[-1].small == "too few to tell"
    assert "clients we know ranks" not in " ".join(section.lead)


def test_a_link_whose_source_is_absent_stood_aside() -> None:
    last = lines()[1]
    text = text_of(links=(last,), links_aside=(("clients we know", "clients"),))
    assert "stood aside: the data hold no clients" in text
    assert "against each model alone" not in text


def test_the_contest_of_each_link_is_shown_under_its_name() -> None:
    won = Contender(
        technique="logistic", title="logistic regression", auc=0.7, log_loss=0.4, behind=0.0,
        error=0.0, seconds=1.0, chosen=True, why="least log loss",
    )  # fmt: skip
    first, last = lines()
    told = record(links=(replace(first, contest=(won,)), last))
    section = contest(told)
    assert section is not None
    assert section.lead[0].startswith("Model for clients we know: 1 technique was tried")
    assert [table.title for table in section.tables] == ["Model for clients we know"]
    assert contest(record(links=lines())) is None
