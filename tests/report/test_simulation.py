"""The page of a simulation says what the simulation found, in words and in money."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.domain import Verdict
from solvent.errors import RangeError, ShapeError
from solvent.metrics import auc_interval
from solvent.policy import CostMatrix, Cutoffs, Economics, Figure
from solvent.report import (
    AlternativeLine,
    Page,
    ReasonLine,
    RuleLine,
    SimulationRecord,
    build_simulation,
    economics_words,
    render,
    write_simulation,
)
from solvent.report.figures import MINUS, earned, money, percent
from solvent.report.page import Section, Tone
from solvent.simulate import Referred, compare, matrix, profit, sweep
from tests.report.reading import Reader
from tests.report.simulations import in_units, losing, simulation

RECORD = simulation(4_000)
BUILT = build_simulation(RECORD)
HTML = render(BUILT)
PAGE = Reader(HTML)
HEADINGS = (
    "The money, applicant by applicant",
    "Where the cutoff stands",
    "Whom it lent to, and what became of them",
    "How the model ranks these applications",
    "Month by month",
    "Who was not approved, and why",
    "Whether the reasons hold",
    "What the money is counted with",
    "Assumptions and limits",
    "Where it comes from",
)


def _folded(text: str) -> str:
    """Fold narrow spaces, as the reader does."""
    return " ".join(text.split())


def _chapter(page: Page, anchor: str) -> Section:
    (found,) = (each for each in page.sections if each.anchor == anchor)
    return found


def _column(section: Section, table: int, place: int) -> list[str]:
    return [row[place].text for row in section.tables[table].rows]


def _tiny(*bads: bool, pd: float = 0.1, **changes: Any) -> SimulationRecord:
    """A few applications, all with one PD, without rules, times or a best cutoff."""
    made = in_units(len(bads))
    verdict = np.full(len(bads), "approve")
    decided = replace(
        made.decided, bad=np.array(bads), pd=np.full(len(bads), pd), verdict=verdict
    )  # fmt: skip
    return replace(made, decided=decided, rules=(), best=None, alternatives=(), **changes)


def test_the_sums_on_the_page_are_those_of_the_simulation() -> None:
    """Profit, the three ways beside it, rates and the AUC, computed anew, stand on the page."""
    made = RECORD.decided
    ways = compare(made.worth, made.bad, made.approved())
    lent = made.approved()
    wanted = (
        money(profit(made.worth, made.bad, lent), "BRL"),
        money(ways.approve_all),
        money(ways.decline_all),
        money(ways.perfect),
        percent(ways.captured),
        percent(lent.mean()),
        percent(made.bad[lent].mean()),
        percent((made.bad & ~lent).sum() / made.bad.sum()),
        f"{auc_interval(made.pd, made.bad).auc:.3f}",
    )
    assert [each for each in wanted if _folded(each) not in PAGE.text] == []


def test_the_verdict_tells_the_story() -> None:
    """Who, what was earned, what else would have been, and the share captured."""
    ways = compare(RECORD.decided.worth, RECORD.decided.bad, RECORD.lent)
    assert BUILT.verdict == (
        f"On 4,000 applications it had not seen, the policy {earned(ways.policy, 'BRL')}. "
        f"Approving everybody would have {earned(ways.approve_all, 'BRL')}, approving nobody would "
        f"have lost 14,000\u202fBRL, and perfect foresight would have "
        f"{earned(ways.perfect, 'BRL')}. The policy captured {percent(ways.captured)} of what "
        "could be gained over approving everybody."
    )
    assert BUILT.tiles[0].label == "Makes money"


def test_a_losing_policy_is_called_one() -> None:
    """The first tile warns, the verdict says it lost, and approving nobody is named as better."""
    page = build_simulation(losing())
    assert (page.tiles[0].label, page.tiles[0].tone) == ("Loses money", Tone.WARN)
    assert page.tiles[0].value.startswith(MINUS)
    assert "the policy lost" in page.verdict
    assert page.verdict.endswith("The policy did worse than approving nobody.")
    marks = {answer.question: answer.mark for answer in page.answers}
    assert marks["Does it make money?"] == "No"
    assert marks["Is it better than approving nobody?"] == "No"
    assert marks["Is the cutoff where the money is?"] == "Caution"


def test_a_cost_matrix_is_counted_in_units() -> None:
    """There is no amount to lend, no month, and the currency is units."""
    page = build_simulation(in_units())
    assert page.tiles[0].value.endswith("units")
    heads = [column.title for s in page.sections for t in s.tables for column in t.columns]
    assert not any(head.startswith("Lent,") for head in heads)
    assert "No times are declared" in _chapter(page, "months").lead[0]
    assert [chart.name for chart in page.sections[0].charts] == ["course-chart", "parts-chart"]


def test_chapters_stand_in_order_and_the_page_is_whole() -> None:
    """Every chapter has its heading; elements are closed, ids unique, nothing is loaded or run."""
    assert tuple(section.heading for section in BUILT.sections) == HEADINGS
    assert PAGE.badly_nested == []
    assert PAGE.open == []
    tags = {tag for tag, _ in PAGE.elements}
    assert not tags & {"script", "link", "iframe", "img"}
    ids = [attributes["id"] for _, attributes in PAGE.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert "<title>Card portfolio – simulation</title>" in HTML
    assert len(HTML.encode()) < 300_000


def test_the_table_of_verdicts_is_the_matrix() -> None:
    """Counts and money of the four cells; decided the other way, all money is the opposite's."""
    made = RECORD.decided
    cells = matrix(made.worth, made.bad, RECORD.lent)
    chapter = _chapter(BUILT, "verdicts")
    parts = (cells.good_approved, cells.bad_approved, cells.good_declined, cells.bad_declined)
    assert _column(chapter, 0, 1)[:4] == [f"{part.n:,}" for part in parts]
    assert _column(chapter, 0, 3)[:4] == [money(part.money) for part in parts]
    assert _column(chapter, 0, 4)[4] == money(profit(made.worth, made.bad, ~RECORD.lent))


def test_the_cutoffs_table_is_the_sweep() -> None:
    """The policy's cutoff, the one of training and the one of hindsight, each judged here."""
    made, best = RECORD.decided, RECORD.best
    assert best is not None
    swept = sweep(made.pd, made.bad, made.worth, barred=RECORD.barred)
    points = (swept.at(0.22), swept.at(best.cutoff), swept.best_point)
    chapter = _chapter(BUILT, "cutoff")
    assert _column(chapter, 0, 1) == [percent(point.cutoff) for point in points]
    assert _column(chapter, 0, 5) == [money(point.profit) for point in points]
    spec = json.loads(chapter.charts[0].spec)
    drawn = [rows for rows in spec["datasets"].values() if "low" in rows[0]]
    assert drawn == [[{"low": round(best.low, 6), "high": round(best.high, 6)}]]


def test_the_curve_of_money_ends_where_the_total_is() -> None:
    """The last point drawn is the money of the whole, by each of the three ways."""
    spec = json.loads(_chapter(BUILT, "money").charts[0].spec)
    (rows,) = (rows for rows in spec["datasets"].values() if "perfect" in rows[0])
    ways = compare(RECORD.decided.worth, RECORD.decided.bad, RECORD.lent)
    assert rows[-1]["policy"] == pytest.approx(ways.policy, abs=1e-5)
    assert rows[-1]["all"] == pytest.approx(ways.approve_all, abs=1e-5)
    assert rows[-1]["perfect"] == pytest.approx(ways.perfect, abs=1e-5)


def test_refusals_are_counted_by_cause() -> None:
    """PD, referral and each rule, with what lending to them would have changed."""
    made = RECORD.decided
    chapter = _chapter(BUILT, "refusals")
    young = RECORD.rules[0].caught
    by_pd = made.given(Verdict.DECLINE) & ~RECORD.barred
    counts = _column(chapter, 0, 1)
    assert counts[0] == f"{by_pd.sum():,}"
    assert counts[2] == f"{young.sum():,}"
    change = profit(made.worth, made.bad, RECORD.lent | young) - profit(
        made.worth, made.bad, RECORD.lent
    )
    assert _column(chapter, 0, 4)[2] == money(change, "BRL")
    assert _column(chapter, 1, 1) == ["444", "285"]


def test_reasons_are_counted_for_each_model_against_both_groups() -> None:
    """Shares of the declined, and of those with a reason; without any, nothing is claimed."""
    line = ReasonLine(
        whom="clients", words="the nearest, among clients", second_words="all",
        n=200, same_first=150, same_all=50, told=100, strongest=98, faithful=99,
    )  # fmt: skip
    nobody = {"n": 0, "same_first": 0, "same_all": 0, "told": 0, "strongest": 0, "faithful": 0}
    other = replace(line, whom="others", words="the nearest, among others", **nobody)
    section = _chapter(build_simulation(replace(RECORD, reasons=(line, other))), "reasons")
    words = _folded(" ".join(section.lead))
    assert "Of 100 tested applicants whom the PD alone declines" in words
    assert "holds for 99.0 %" in words
    assert _column(section, 0, 1) == ["200", "0"]
    shares = [[_folded(text) for text in _column(section, 0, place)] for place in (2, 3, 4, 5)]
    assert shares == [["75.0 %", "–"], ["25.0 %", "–"], ["98.0 %", "–"], ["99.0 %", "–"]]
    assert _chapter(build_simulation(replace(RECORD, reasons=())), "reasons").lead == ()


def test_those_referred_are_lent_to_only_where_that_is_said() -> None:
    """The assumption moves the money and is told in the summary and among the limits."""
    page = build_simulation(replace(RECORD, referred=Referred.APPROVED))
    assert page.tiles[0].value != BUILT.tiles[0].value
    assert "counted as approved by a person" in " ".join(_chapter(page, "limits").lead)
    assert "counted as declined" in " ".join(_chapter(BUILT, "limits").lead)


@pytest.mark.parametrize(
    "told",
    [
        "Card portfolio",
        "cards-2024-q2",
        "a3f1c2d4e5b6",
        "gradient boosting (LightGBM), 203 trees",
        "60 days or more past due within a year of the first bill",
        "a PD below 22.0 %, unless one of 2 rules stops it",
        "20,000 training applications, each judged by a model that had not seen it",
        "2.5 × limit, at least 200 BRL, at most 6,000 BRL, 800 BRL where it is not known",
        "45 BRL and 19.0 % of the amount",
        "62.0 % of the amount (LGD)",
        "The outcome of every application is in the data",
        "Safer products offered instead earn nothing here",
        "Secured card",
        "under_ age",
        "9f86d081884c",
        "2024-01",
    ],
)
def test_what_a_reader_looks_for_is_there(told: str) -> None:
    """Policy, model, definition, economics, assumptions, rules and data are told."""
    assert told.replace("_ ", "_") in PAGE.text


def test_no_raw_float_is_printed() -> None:
    """Money has two decimals at most and shares have one."""
    assert not [word for word in PAGE.words if word.count(".") == 1 and len(word) > 12
                and word.split(".")[1].isdigit() and len(word.split(".")[1]) > 4]  # fmt: skip


def test_the_same_simulation_gives_the_same_page() -> None:
    """Rendering again, from a record made anew, gives the same bytes."""
    assert render(build_simulation(simulation(4_000))) == HTML


def test_the_file_is_the_page(tmp_path: Path) -> None:
    """What is written is what is rendered, and nothing else is left."""
    path = tmp_path / "simulation.html"
    assert write_simulation(RECORD, path) == path
    assert path.read_text(encoding="utf-8") == HTML
    assert list(tmp_path.iterdir()) == [path]


def test_hostile_text_stays_text() -> None:
    """Markup in any text of the record is shown, not obeyed."""
    attack = '<script>alert("1")</script><img src=x onerror=alert(1)>'
    made = simulation(200)
    html = render(
        build_simulation(
            replace(
                made,
                product=attack,
                title=attack,
                technique=attack,
                model_version=attack,
                policy_name=attack,
                policy_version=attack,
                bad_words=attack,
                split_words=attack,
                best_words=attack,
                outcomes_words=attack,
                limits=(attack,),
                economics=((attack, attack),),
                sources=((attack, 1, attack),),
                alternatives=(AlternativeLine(title=attack, offered=1, detail=attack),),
                rules=tuple(replace(rule, code=attack, reason=attack) for rule in made.rules),
                versions={attack: attack},
                decided=replace(made.decided, worth=replace(made.decided.worth, currency=attack)),
            )
        )
    )
    page = Reader(html)
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert "<script" not in html
    assert page.badly_nested == []


@pytest.mark.parametrize(
    "made",
    [
        _tiny(False),
        _tiny(True),
        _tiny(False, False, False),
        _tiny(True, True),
        _tiny(True, False),
        _tiny(True, False, True, False, pd=1.0),
        _tiny(
            True, False, True, False, pd=0.0, cutoffs=Cutoffs(approve_below=1.0, refer_below=1.0)
        ),
        _tiny(False, unseen=False),
    ],
)
def test_a_few_applications_make_a_page(made: SimulationRecord) -> None:
    """One application, one outcome, one PD: the page is whole and says what cannot be said."""
    page = Reader(render(build_simulation(made)))
    assert page.badly_nested == []
    assert set(HEADINGS) <= set(page.words)
    assert "nan" not in page.text.lower().split()


def test_nobody_approved_makes_a_page() -> None:
    """Where a rule stops everybody there is no bad rate of loans, and no curve to draw."""
    made = _tiny(True, False, True, False)
    stopped = RuleLine(
        code="closed",
        reason="No loans today.",
        verdict=Verdict.DECLINE,
        caught=np.ones(4, np.bool_),
    )
    refused = replace(made.decided, verdict=np.full(4, "decline"))
    page = build_simulation(replace(made, decided=refused, rules=(stopped,)))
    assert page.tiles[3].value == "–"
    assert Reader(render(page)).badly_nested == []


def test_a_policy_that_could_not_do_better_is_told_so() -> None:
    """Without a bad loan approving everybody is perfect."""
    page = build_simulation(_tiny(False, False, False))
    assert page.verdict.endswith("there was nothing to gain by choosing.")
    worse = replace(in_units(60), best=None)
    good = replace(worse.decided, bad=worse.decided.pd > 0.99)
    verdict = build_simulation(replace(worse, decided=good)).verdict
    assert "nothing to gain" in verdict


def test_a_model_that_saw_the_applications_is_a_warning() -> None:
    """Figures on training data are called too high."""
    page = build_simulation(replace(RECORD, unseen=False, split_words="the training data"))
    (answer,) = (each for each in page.answers if "not seen" in each.question)
    assert (answer.mark, answer.tone) == ("No", Tone.WARN)
    assert "it had not seen" not in page.verdict


def test_bands_and_amounts_that_move_the_money_are_mentioned() -> None:
    """Where the policy's own money is not that of its cutoff, the chapter says why."""
    assert len(_chapter(BUILT, "cutoff").lead) == 1
    verdict = RECORD.decided.verdict.copy()
    verdict[np.flatnonzero(RECORD.lent)[:800]] = "refer"
    moved = replace(RECORD, decided=replace(RECORD.decided, verdict=verdict))
    assert "decides by rules and PD alone" in _chapter(build_simulation(moved), "cutoff").lead[1]


def test_many_months_are_folded_and_the_money_is_drawn_in_parts() -> None:
    """More than eighteen months are no bars; more than twenty-four are opened by the reader."""
    spread = np.linspace(0, 900 * 86_400_000_000, 4_000).astype(np.int64)
    page = build_simulation(replace(RECORD, decided=replace(RECORD.decided, as_of=spread)))
    assert page.sections[0].charts[1].name == "parts-chart"
    assert _chapter(page, "months").tables[0].folded


def test_a_record_that_contradicts_itself_is_refused() -> None:
    """A rule of another length, one that caught an approved application, a negative count."""
    rule = RECORD.rules[0]
    with pytest.raises(ShapeError, match=r"rules\.under_age: has 3 values where there are 4,000"):
        replace(RECORD, rules=(replace(rule, caught=np.zeros(3, np.bool_)),))
    with pytest.raises(RangeError, match="applications that are approved"):
        replace(RECORD, rules=(replace(rule, caught=np.ones(4_000, np.bool_)),))
    with pytest.raises(RangeError, match=r"alternatives\.offered"):
        replace(RECORD, alternatives=(AlternativeLine(title="Card", offered=-1),))


@settings(max_examples=6)
@given(st.integers(0, 2**31), st.integers(2, 300))
def test_any_simulation_makes_a_page(seed: int, n: int) -> None:
    """Whatever the applications, the page is whole and its chapters are there."""
    page = Reader(render(build_simulation(simulation(n, seed=seed))))
    assert page.badly_nested == []
    assert set(HEADINGS) <= set(page.words)


def test_every_figure_of_the_economics_is_in_words() -> None:
    """Constants, features, limits and the four cells of a cost matrix."""
    plain = Economics(amount=Figure(fixed=5.0), lgd=0.5, currency="GHS")
    assert economics_words(plain) == (
        ("Amount lent", "5\u202fGHS"),
        ("A repaid loan brings", "0.0\u202f% of the amount"),
        ("A bad loan loses", "50.0\u202f% of the amount (LGD)"),
    )
    asked = Economics(amount=Figure(feature="asked"), revenue=Figure(fixed=2.0))
    assert economics_words(asked)[:2] == (("Amount lent", "asked"), ("A repaid loan brings", "2"))
    cells = economics_words(CostMatrix(good_approved=1.0, bad_approved=-10.0))
    assert [value for _name, value in cells] == [
        "1\u202funits", "−10\u202funits", "0\u202funits", "0\u202funits",
    ]  # fmt: skip


@given(st.floats(-1e12, 1e12))
def test_money_can_be_read_back(value: float) -> None:
    """To the cent below 1,000, to the unit from there on; never a minus before nothing."""
    text = money(value)
    read = float(text.replace(",", "").replace(MINUS, "-"))
    assert read == pytest.approx(value, abs=0.0051 if abs(value) < 999.99 else 0.51)
    assert text != f"{MINUS}0"
