"""The comparison page says what was found, no more, in one safe file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import ShapeError, WriteError
from solvent.metrics import calibration_curve, validate
from solvent.report import (
    FailedTechnique,
    LinkShare,
    TechniquePair,
    TechniquesRecord,
    build_techniques,
    render,
    techniques_verdict,
    write_techniques,
)
from solvent.report.page import Chart, Page, Tone
from tests.report.comparisons import comparison
from tests.report.reading import Reader

LACKING = FailedTechnique(
    name="catboost", words="<catboost> is not installed", hint='install "solvent[catboost]"'
)
NINE = comparison(failed=(LACKING,))
PAGE = build_techniques(NINE)
HTML = render(PAGE)
READ = Reader(HTML)


def charts(page: Page) -> dict[str, Chart]:
    return {chart.name: chart for section in page.sections for chart in section.charts}


def telling(record: TechniquesRecord, **p_values: float) -> TechniquesRecord:
    """Return the record with these p-values, adjusted and not, of techniques against the best."""
    best = record.best.name

    def pair(one: TechniquePair) -> TechniquePair:
        p = p_values.get(one.second, 1.0) if one.first == best else 1.0
        return replace(one, found=replace(one.found, p_value=p), p_adjusted=min(1.0, 8 * p))

    return replace(record, pairs=tuple(map(pair, record.pairs)))


def named(record: TechniquesRecord, **sizes: int | None) -> TechniquesRecord:
    judged = [
        replace(one, size=sizes.get(one.name, one.size), exact=sizes.get(one.name, 1) is not None)
        for one in record.judged
    ]
    return replace(record, judged=tuple(judged))


def test_the_page_loads_nothing_and_is_well_formed() -> None:
    tags = {tag for tag, _ in READ.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "img", "image", "base"}
    assert "http" not in HTML.replace("http-equiv", "")
    assert "url(" not in HTML
    assert len(HTML) < 1_000_000
    assert not READ.badly_nested
    assert not READ.open
    ids = [attributes["id"] for _, attributes in READ.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_every_figure_of_every_technique_stands_on_the_page() -> None:
    words = set(READ.words)
    for one in NINE.judged:
        found = one.validation
        wanted = [f"{found.auc.auc:.4f}", f"{found.ks:.3f}", f"{found.log_loss:.4f}"]
        wanted += [f"{found.brier:.4f}", f"{found.calibration_slope:.2f}"]
        assert not [figure for figure in wanted if figure not in words]
    for pair in NINE.pairs:
        assert f"{pair.found.difference:.4f}" in words
        assert f"{pair.found.low:.4f}".replace("-", "−") in words


def test_what_failed_is_told_as_text() -> None:
    assert "<catboost> is not installed" in READ.words
    assert 'install "solvent[catboost]"' in READ.words
    (answer,) = [one for one in PAGE.answers if one.question == "Did every technique train?"]
    assert answer.tone is Tone.WARN
    assert "catboost did not" in answer.words


def test_the_dots_are_the_figures() -> None:
    rows = _rows("techniques-auc", "auc")
    assert [row["name"] for row in rows] == [one.title for one in NINE.judged]
    assert [row["auc"] for row in rows] == [round(o.validation.auc.auc, 6) for o in NINE.judged]
    leads = _rows("techniques-lead", "gap")
    against = [NINE.against_best(one.name) for one in NINE.judged[1:]]
    assert [row["gap"] for row in leads] == [-round(p.found.difference, 6) for p in against]
    assert [row["sure"] for row in leads] == [p.beyond_chance for p in against]


def _rows(chart: str, field: str) -> list[dict[str, object]]:
    """Return the rows a chart draws that have a field."""
    tables = json.loads(charts(PAGE)[chart].spec)["datasets"].values()
    return next(rows for rows in tables if field in rows[0])


def test_axes_are_written_with_as_many_decimals_as_their_ticks_have() -> None:
    for name in ("techniques-auc", "techniques-lead", "techniques-time"):
        text = charts(PAGE)[name].spec
        for axis in re.finditer(r'"format": "\.(\d)f"[^}]*?"values": \[([^]]*)\]', text):
            ticks = [float(tick) for tick in axis[2].split(",")]
            assert all(round(tick, int(axis[1])) == tick for tick in ticks)


def test_names_in_the_chart_of_time_lie_apart() -> None:
    from solvent.report.techniques_charts import LINE, SIGN, _apart

    spots = [(100.0 + 12 * k, 50.0 + k % 2) for k in range(9)]
    names = ["a long name of it"] * 9
    heights = _apart(spots, names)
    boxes = [(x, x + SIGN * 19, y) for (x, _), y in zip(spots, heights, strict=True)]
    for k, (left, right, y) in enumerate(boxes):
        for other, end, height in boxes[k + 1 :]:
            assert right <= other or end <= left or abs(y - height) >= LINE / 2 + 0.1


@pytest.mark.parametrize("techniques", [1, 2, 9])
def test_a_page_is_built_of_any_number_of_techniques(techniques: int) -> None:
    page = build_techniques(comparison(techniques))
    assert render(page)
    assert ("differences" in {s.anchor for s in page.sections}) == (techniques > 1)


def test_a_page_is_built_where_all_rank_perfectly_and_nothing_has_a_spread() -> None:
    """No fold holds both outcomes, no pair can be tested, no calibration line exists."""
    two = comparison(2)
    bad = np.arange(40) % 4 == 0
    judged = tuple(
        replace(
            one, validation=validate(np.where(bad, 0.9, 0.1), bad, cutoff=0.5), fit_cpu=0.0,
            curve=calibration_curve(np.where(bad, 0.9, 0.1), bad), auc_by_fold=(None,) * 5,
        )
        for one in two.judged
    )  # fmt: skip
    pairs = tuple(replace(pair, found=None, p_adjusted=1.0) for pair in two.pairs)
    record = replace(two, judged=judged, pairs=pairs)
    page = build_techniques(record)
    assert render(page)
    other = record.judged[1].title
    assert page.verdict.endswith(f"how it stands to {other} cannot be told.")


def test_nothing_judged_is_no_comparison() -> None:
    with pytest.raises(ShapeError):
        replace(NINE, judged=())


# ---- the verdict


def test_the_simplest_of_those_that_may_rank_as_well_is_named_with_the_lead_it_forgoes() -> None:
    record = named(telling(NINE, own_rule=0.0), scorecard=900)
    told = techniques_verdict(record)
    assert told.startswith("No technique ranks better than scorecard beyond chance.")
    pair = record.against_best("scorecard")
    assert f"its lead of {pair.found.difference:.4f}" in told
    assert "900\u202fB" in told
    assert "not ruled out" not in told


def test_what_ranks_worse_taken_alone_is_not_the_simplest_however_many_pairs_were_asked_about() -> (
    None
):
    record = named(telling(NINE, logistic=0.03, own_rule=0.0), logistic=10)
    assert not record.against_best("logistic").beyond_chance
    assert "logistic" not in {one.name for one in record.as_good}
    assert [one.name for one in record.outranked] == ["own_rule"]
    assert record.simplest.name == "scorecard"


def test_what_cannot_go_live_is_not_the_simplest_while_another_can() -> None:
    record = telling(NINE)
    assert len(record.as_good) == 9
    assert record.simplest.name != "own_rule"
    none_can = named(record, **{one.name: None for one in record.judged})
    assert "none of them can go live" in techniques_verdict(none_can)


def test_a_large_lead_that_few_applications_do_not_rule_out_is_said_aloud() -> None:
    few = comparison(rows=500)
    record = named(telling(few), own_rule=10)
    assert record.simplest.name == "own_rule"
    found = record.against_best("own_rule").found
    assert found.high > 0.02
    told = techniques_verdict(record)
    assert f"a lead of up to {found.high:.3f} is not ruled out" in told
    tile = next(tile for tile in build_techniques(record).tiles if tile.label == "It is behind by")
    assert tile.tone is Tone.WARN
    asked = "Are there enough bad applications to tell them apart?"
    answer = next(one for one in build_techniques(record).answers if one.question == asked)
    assert answer.tone is Tone.WARN


def test_a_technique_that_outranks_all_is_said_to() -> None:
    names = [one.name for one in NINE.judged[1:]]
    told = techniques_verdict(telling(NINE, **dict.fromkeys(names, 0.001)))
    assert told.startswith(f"{NINE.best.title.capitalize()} ranks best, beyond chance")
    unsure = techniques_verdict(telling(NINE, **dict.fromkeys(names, 0.02)))
    assert "against all of them together it may not be" in unsure


def test_the_best_that_is_also_the_simplest_is_said_to_be_both() -> None:
    record = named(telling(NINE), **{NINE.best.name: 10})
    told = techniques_verdict(record)
    assert told.startswith(f"No technique ranks better than {NINE.best.title} beyond chance: its")
    assert "the simplest" in told


def test_what_nothing_can_be_said_of_is_neither_as_good_nor_outranked() -> None:
    name = NINE.judged[3].name
    pairs = tuple(
        replace(pair, found=None, p_adjusted=1.0) if pair.second == name else pair
        for pair in telling(NINE).pairs
    )
    record = named(replace(NINE, pairs=pairs), **{name: 1})
    assert [one.name for one in record.untold] == [name]
    assert name not in {one.name for one in (*record.as_good, *record.outranked)}
    assert len(record.as_good) == 8
    assert record.simplest.name != name
    page = build_techniques(record)
    method = next(one for one in page.sections if one.anchor == "differences").lead[0]
    assert "33 pairs were tested" in method
    assert "Of 3 pairs nothing can be said." in method


def test_a_product_with_a_chain_is_said_to_have_one_and_what_was_compared() -> None:
    links = (
        LinkShare(words="clients", technique="scorecard", features=40, known=9_000, judged=4_000,
                  bads=500),
        LinkShare(words="newcomers", technique="logistic", features=6, known=12_000, judged=2_000,
                  bads=400),
    )  # fmt: skip
    judged = tuple(replace(one, auc_by_link=(0.71234, None)) for one in NINE.judged)
    page = build_techniques(replace(NINE, judged=judged, links=links))
    section = next(one for one in page.sections if one.anchor == "chain")
    assert "chain of 2 models, for clients and newcomers" in section.lead[0]
    assert "not chains" in section.lead[0]
    rows = [[cell.text for cell in row] for row in section.tables[0].rows]
    assert rows[0] == ["clients", "scorecard", "40", "9,000", "4,000", "500"]
    assert [cell.text for cell in section.tables[1].rows[0][1:]] == ["0.7123", "–"]
    assert render(page)
    assert "chain" not in {one.anchor for one in PAGE.sections}


def test_one_technique_alone_is_compared_with_nothing() -> None:
    assert techniques_verdict(comparison(1)).startswith("Only one technique was judged")


# ---- writing


def test_the_page_is_written_whole(tmp_path: Path) -> None:
    target = write_techniques(NINE, tmp_path / "page.html")
    assert target.read_text(encoding="utf-8") == HTML
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    with pytest.raises(WriteError):
        write_techniques(NINE, tmp_path / "nowhere" / "page.html")
