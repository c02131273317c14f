"""A study finds what was planted, tells leaks and what turns round, and can be repeated."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from solvent.app.explore import ExploreRequest, Study, explore
from solvent.binning import Shape, iv
from solvent.errors import OneClassError, RangeError, WriteError
from solvent.product import load_product
from solvent.report import build_study, render
from solvent.report.study_record import Held, StudyLine
from solvent.report.study_suspects import suspicions
from solvent.report.study_words import sentence
from tests.app.planted import START, write_planted
from tests.report.reading import Reader

NOW = START + 400 * 86_400_000_000


def _request(folder: Path, **changes: object) -> ExploreRequest:
    made = ExploreRequest(
        loaded=load_product(folder), data=folder / "data", now=NOW, home=folder / ".solvent"
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # named by the caller


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_planted(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return explore(_request(folder, output=folder / "study.html", notebook=folder / "study.ipynb"))


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The same lender without the leak, and without times."""
    where = write_planted(tmp_path_factory.mktemp("honest"), dated=False, leak=False)
    return explore(_request(where))


def _line(study: Study, name: str) -> StudyLine:
    return next(line for line in study.record.lines if line.name == name)


def test_the_planted_driver_is_found_first_and_noise_is_not(honest: Study) -> None:
    """Among honest features the driver leads, its copy is no second driver, noise is chance."""
    record = honest.record
    assert record.lines[0].name in {"driver", "copy"}
    assert record.drivers[0].name in {"driver", "copy"}
    assert len({"driver", "copy"} & {line.name for line in record.drivers}) == 1
    assert not _line(honest, "noise").real
    assert not _line(honest, "label").real
    assert _line(honest, "driver").shape is Shape.RISES
    assert _line(honest, "driver").held is Held.HELD


def test_a_copy_is_told_to_say_the_same(honest: Study) -> None:
    """Driver and copy make one group, for which one stands."""
    (group,) = honest.record.groups
    assert {group.representative, group.members[0][0]} == {"driver", "copy"}


def test_a_planted_leak_is_told(study: Study, honest: Study) -> None:
    """A column that repeats the outcome is called a leak, and none is where there is none."""
    leaks = {one.name.partition(":")[0] for one in suspicions(study.record) if one.leak}
    assert "leak" in leaks
    assert not any(one.leak for one in suspicions(honest.record))


def test_a_feature_that_turns_round_is_told(study: Study) -> None:
    """What pointed one way for five months and the other way after is told not to last."""
    passing = [one for one in suspicions(study.record) if not one.leak]
    assert "turning" in {one.name for one in passing}
    assert "driver" not in {one.name for one in passing}


def test_a_gap_that_tells_is_measured(honest: Study) -> None:
    """Bads lack the rating more often: their bad rate stands in the bin of what is not known."""
    line = _line(honest, "gap")
    gone = line.bins[-1]
    assert gone.unknown
    assert gone.bad_rate > 1.2 * honest.record.bad_rate
    assert line.missing_auc is not None
    assert line.missing_auc.low > 0.5


def test_the_figures_are_those_of_the_bins(study: Study) -> None:
    """Counts of bins add up to the sides, and IV is that of the counts."""
    for line in study.record.lines:
        assert sum(one.n for one in line.bins) == study.record.n_train
        assert sum(one.n_test for one in line.bins) == study.record.n_test
        goods, bads = [one.n - one.bads for one in line.bins], [one.bads for one in line.bins]
        assert line.iv.iv == pytest.approx(iv(goods, bads))


def test_the_driver_is_said_in_words(honest: Study) -> None:
    """A sentence sets the two ends against each other, in days, with their counts."""
    words = sentence(_line(honest, "driver")).replace("\u00a0", " ").replace("\u202f", " ")
    assert re.fullmatch(
        r"Where the last top-up was at most [\d.]+ days? ago, [\d.]+ % went bad \(n = \d+\); where "
        r"it was more than \d+ days ago, [\d.]+ % \(n = \d+\)\. "
        r"On other customers: [\d.]+ % \(n = \d+\) and [\d.]+ % \(n = \d+\)\.",
        words,
    )


def test_without_times_nothing_is_said_of_months(honest: Study) -> None:
    """No month, no chart of months, and the page says so."""
    assert honest.record.period_word == ""
    text = Reader(render(build_study(honest.record))).text
    assert "the data have no times" in text
    assert "Month by month" not in text


def test_the_same_seed_gives_the_same_page(study: Study, folder: Path) -> None:
    """Twice the same study is the same text, byte for byte."""
    again = explore(_request(folder))
    assert render(build_study(again.record)) == (folder / "study.html").read_text(encoding="utf-8")
    assert study.record.lines == again.record.lines


def test_the_page_is_whole_and_loads_nothing(study: Study, folder: Path) -> None:
    """One file: no script, no address beyond the page, well nested, every chapter in it."""
    html = (folder / "study.html").read_text(encoding="utf-8")
    page = Reader(html)
    assert not page.badly_nested
    assert not page.open
    assert not {tag for tag, _ in page.elements} & {"script", "link", "iframe", "img", "object"}
    for _, attributes in page.elements:
        for name, value in attributes.items():
            if name in {"href", "src", "xlink:href"}:
                assert (value or "").startswith("#")
    assert not re.findall(r"url\((?!#)", html)
    for section in build_study(study.record).sections:
        assert section.heading in page.text


def test_protected_values_and_people_are_not_in_it(study: Study, folder: Path) -> None:
    """Neither a protected value nor a customer number stands in page, notebook or record."""
    written = (folder / "study.html").read_text() + (folder / "study.ipynb").read_text()
    written += repr(study.record)
    assert not re.search(r"secretword|otherword|0700\d{6}", written)
    assert "sex" not in study.sample.frame.names
    assert "sex" in study.record.protected
    assert "protected" in written


def test_the_notebook_names_no_machine_and_runs(
    study: Study, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folders are relative, it holds no results, and every cell runs offline."""
    del study
    monkeypatch.setenv("SOLVENT_HOME", str(folder / ".solvent"))
    text = (folder / "study.ipynb").read_text(encoding="utf-8")
    assert str(folder) not in text
    assert all(not cell.get("outputs") for cell in json.loads(text)["cells"])
    book = nbformat.reads(text, as_version=4)
    NotebookClient(
        book, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    shown = [out for cell in book.cells for out in cell.get("outputs", ())]
    assert sum("image/svg+xml" in out.get("data", {}) for out in shown) == 3
    assert not [out for out in shown if out.output_type == "error"]
    assert any("driver" in str(out) or "top-up" in str(out) for out in shown)


def test_places_that_cannot_be_written_are_refused_before_any_work(folder: Path) -> None:
    """A folder that is not there, the data themselves, and one file for two results."""
    for changes in (
        {"output": folder / "absent" / "x.html"},
        {"output": folder / "data" / "loans.parquet"},
        {"notebook": folder / "product.py"},
        {"output": folder / "x", "notebook": folder / "x"},
    ):
        with pytest.raises(WriteError):
            explore(_request(folder, **changes))
    with pytest.raises(RangeError):
        explore(_request(folder, top=0))


def test_one_class_is_refused(tmp_path: Path) -> None:
    """Where nobody went bad there is nothing to study."""
    where = write_planted(tmp_path)
    text = (where / "product.py").read_text().replace('equals("bad", 1', 'equals("bad", 7')
    (where / "product.py").write_text(text)
    with pytest.raises(OneClassError):
        explore(_request(where))


def test_a_small_sample_of_noise_says_that_there_is_nothing(tmp_path: Path) -> None:
    """Ninety loans without a driver: none is named, and no chapter claims one."""
    where = write_planted(tmp_path, dated=False, loans=90, noise=True)
    found = explore(_request(where))
    assert found.record.drivers == ()
    text = Reader(render(build_study(found.record))).text
    assert "nothing here to build on" in text
    assert "Nothing replaces" not in text
    assert "most likely noise" in text


def test_a_study_is_a_page_and_a_notebook_by_their_endings(folder: Path, tmp_path: Path) -> None:
    """A page called .pdf would open in nothing."""
    for changes in ({"output": tmp_path / "study.pdf"}, {"notebook": tmp_path / "study.html"}):
        with pytest.raises(RangeError, match="cannot write"):
            explore(_request(folder, **changes))
