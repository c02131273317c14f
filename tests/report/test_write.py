"""The report is one safe file: it loads nothing, runs nothing and is written whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.dataset import Check
from solvent.errors import MissingExtraError, WriteError
from solvent.metrics import (
    validate,
)
from solvent.report import (
    TrainingRecord,
    build,
    render,
    write_report,
)
from solvent.report.page import Chart
from solvent.report.render import _draw, _templates
from tests.report.reading import HEADINGS, HTML, PAGE, RECORD, Reader, text_of
from tests.report.records import record


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    """No script, no address of another machine, no file beside it, and less than a megabyte."""
    tags = {tag for tag, _ in PAGE.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "img", "image", "base"}
    assert "http:" not in HTML
    assert "https:" not in HTML
    assert "url(" not in HTML
    assert "@import" not in HTML
    for _tag, attributes in PAGE.elements:
        assert not any(name.startswith("on") for name in attributes)
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    assert len(HTML.encode()) < 1_000_000


def test_the_page_is_well_formed_and_every_id_is_unique() -> None:
    """Every element is closed where it should be; no two share an id; every reference is kept."""
    assert PAGE.badly_nested == []
    assert PAGE.open == []
    ids = [attributes["id"] for _, attributes in PAGE.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in PAGE.elements:
        named = (attributes.get("aria-labelledby") or "").split()
        linked = [(attributes.get("href") or "")[1:]] if attributes.get("href") else []
        assert {*named, *linked} <= set(ids)


def test_every_drawing_has_a_name_for_those_who_cannot_see_it() -> None:
    """Each of the eight charts is an image with a title and a sentence."""
    drawings = [
        attributes for tag, attributes in PAGE.elements if attributes.get("class") == "drawing"
    ]
    assert len(drawings) == 8
    assert all(each["role"] == "img" and each["aria-labelledby"] for each in drawings)


def test_two_drawings_never_share_an_id() -> None:
    """A drawing's own ids and what refers to them carry the drawing's name."""
    spec = {
        "data": {"values": [{"x": 1, "y": 2}]},
        "mark": {"type": "point", "clip": True},
        "encoding": {"x": {"field": "x"}, "y": {"field": "y"}},
    }
    chart = Chart(name="one", title="", sentence="", keys=(), spec=json.dumps(spec))
    svg = str(_draw(chart))
    ids = re.findall(r'\bid="([^"]*)"', svg)
    assert ids
    assert all(each.startswith("one-") for each in ids)
    assert set(re.findall(r"url\(#([^)]*)\)", svg)) == set(ids)


def test_hostile_text_stays_text() -> None:
    """Markup in any text a user declares is shown, not obeyed, in charts as well."""
    attack = '<script>alert("1")</script><img src=x onerror=alert(1)>'
    line = replace(RECORD.features[0], title=attack, name=attack, unit=attack, description=attack)
    html = render(
        build(
            record(
                product=attack,
                title=attack,
                technique=attack,
                bad_words=attack,
                split_words=attack,
                cutoff_words=attack,
                features=(line,),
                refusals=((attack, attack, 1),),
                left_out=((attack, attack),),
                protected=(attack,),
                sources=((attack, 1, attack),),
                versions={attack: attack},
                period_test=np.where(np.arange(3000) < 1500, attack, "2024-05"),
                gate=(Check(name=attack, words=attack, passed=False, waived=attack),),
            )
        )
    )
    page = Reader(html)
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert "<script" not in html
    assert page.badly_nested == []
    assert attack in page.text


def test_a_long_name_breaks_at_underscores() -> None:
    """A browser may go on in the next line after an underscore of a feature's name."""
    assert "late_<wbr>share_<wbr>180d" in HTML


def test_unicode_survives() -> None:
    """Letters of any script are written as they are."""
    title = "Überbrückung für 中小企业 – قرض 🙂"
    assert title in text_of(title=title)


def test_the_same_run_gives_the_same_page() -> None:
    """Rendering twice, and from a run made anew, gives the same bytes."""
    assert render(build(RECORD)) == HTML
    assert render(build(record())) == HTML


def test_the_file_is_the_page(tmp_path: Path) -> None:
    """What is written is what is rendered, an older file is replaced, and nothing else is left."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    assert write_report(RECORD, path) == path
    assert path.read_text(encoding="utf-8") == HTML
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The error says what is missing and what to do, before anything is drawn."""
    with pytest.raises(WriteError, match="make the folder first"):
        write_report(RECORD, tmp_path / "absent" / "report.html")
    with pytest.raises(WriteError, match="is a folder"):
        write_report(RECORD, tmp_path)


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk gives up, the old report stands and no partial file is left."""
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(WriteError, match="No space left"):
        write_report(RECORD, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_importing_the_room_draws_in_no_library_of_drawing() -> None:
    """Altair, vl-convert and Jinja are loaded when a report is made, not before."""
    heavy = {"altair", "vl_convert", "jinja2"}
    told = subprocess.run(
        [sys.executable, "-c", "import sys, solvent.report; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not heavy & set(told.stdout.split())


@pytest.mark.parametrize("library", ["altair", "jinja2", "vl_convert"])
def test_a_missing_extra_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the train extra the error names the library and how to install it."""
    _templates.cache_clear()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"solvent\[train\]") as found:
        render(build(RECORD))
    assert library in str(found.value)
    monkeypatch.undo()
    _templates.cache_clear()


@settings(max_examples=5)
@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_any_run_makes_a_page(seed: int) -> None:
    """Whatever the test rows, the page is whole and its chapters are there."""
    random = np.random.default_rng(seed)
    n = int(random.integers(8, 200))
    pd = np.round(random.random(n), int(random.integers(1, 8)))
    bad = random.random(n) < pd
    bad[:2], bad[2:4] = True, False
    changed: TrainingRecord = record(
        pd_test=pd,
        bad_test=bad,
        validation=validate(pd, bad, cutoff=float(random.random())),
        period_test=random.choice(["2024-01", "2024-02", "2024-03"], n),
    )
    page = Reader(render(build(changed)))
    assert page.badly_nested == []
    assert set(HEADINGS) <= set(page.words)
