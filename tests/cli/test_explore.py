"""`solvent explore` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from solvent.cli.main import app
from tests.app.planted import write_planted


def test_a_person_gets_drivers_a_page_a_notebook_and_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal names the drivers and the leak, and says where the files are."""
    monkeypatch.setenv("SOLVENT_HOME", str(tmp_path / "home"))
    folder = write_planted(tmp_path / "shop", dated=False)
    page, book = tmp_path / "study.html", tmp_path / "study.ipynb"
    done = CliRunner().invoke(
        app, ["explore", str(folder), "-o", str(page), "--notebook", str(book), "--top", "2"]
    )
    assert done.exit_code == 0, done.output
    assert "The strongest drivers" in done.output
    assert "went bad" in done.output
    assert "warning" in done.output
    assert "Reminders sent" in done.output
    assert page.read_text(encoding="utf-8").count('<article class="card">') == 2
    assert book.exists()
    assert not (tmp_path / "home").exists()


def test_a_place_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    """No stack trace, a hint, and exit code 1."""
    folder = write_planted(tmp_path)
    done = CliRunner().invoke(
        app, ["explore", str(folder), "-o", str(tmp_path / "absent" / "study.html")]
    )
    assert done.exit_code == 1
    assert "hint" in done.output
    assert "Traceback" not in done.output
