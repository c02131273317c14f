"""What the terminal says of calibration and of protected groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.protected import write_protected
from tests.cli.shops import Shop, told_once


def _shop(folder: Path, *, planted: bool) -> Shop:
    return Shop(folder=write_protected(folder / "shop", planted=planted), home=folder / "home")


def test_a_planted_gap_is_a_warning_and_the_kind_of_calibrator_a_line(tmp_path: Path) -> None:
    result = _shop(tmp_path, planted=True).run("train", "--report", tmp_path / "report.html")
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "warning: At a cutoff of" in words
    assert "“woman” (sex) is approved 0." in words
    assert "below four fifths, with the whole 95 % interval below" in words
    assert "Its PDs are calibrated by a straight line" in words
    assert "How protected groups fare" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_where_groups_fare_alike_nothing_is_warned_of_and_a_stated_level_is_told(
    tmp_path: Path,
) -> None:
    result = _shop(tmp_path, planted=False).run("train", "--central-tendency", "0.03")
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "four fifths" not in words
    assert "moved to a stated central tendency of 3.0 %" in words
    assert "as outcomes say, their mean PD is" in words


@pytest.mark.parametrize("wrong", ["0", "1", "5", "-0.1", "nan"])
def test_a_central_tendency_that_is_no_share_is_refused(tmp_path: Path, wrong: str) -> None:
    result = _shop(tmp_path, planted=False).run("train", "--central-tendency", wrong)
    told_once(result, "central_tendency", "such as 0.05")
