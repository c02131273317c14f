"""`solvent new` says what it guessed, why, and which command comes next."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from solvent.cli.new import new
from solvent.product import load_product

app = typer.Typer()
app.command()(new)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "loans.csv"
    rows = [f"L{n},{500 + n * 7 % 900},{'FM'[n % 2]},{n * 3 % 50},{n % 3 // 2}" for n in range(120)]
    path.write_text("loan_id,income,sex,months,bad\n" + "\n".join(rows), encoding="utf-8")
    return path


def run(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_it_tells_each_guess_and_the_next_command(tmp_path: Path, table: Path) -> None:
    code, out, _ = run(tmp_path / "p q", "--applications", table, "--bad", "bad")
    assert code == 0
    for words in ("loan_id", "guessed: unique", "2 levels: F, M", "120 read, 120 accepted"):
        assert words in out
    assert f"solvent train '{tmp_path}/p q' --report '{tmp_path}/p q/report.html'" in out
    assert load_product(tmp_path / "p q").product.name == "p_q"


def test_what_the_lender_names_is_told_as_theirs(tmp_path: Path, table: Path) -> None:
    folder = tmp_path / "p"
    code, out, _ = run(
        folder, "--applications", table, "--bad", "bad=1", "--id", "loan_id", "--key", "loan_id"
    )
    assert code == 0
    assert out.count("as you said") == 3


def test_a_fault_is_one_message_with_a_hint_and_no_trace(tmp_path: Path, table: Path) -> None:
    code, out, err = run(tmp_path / "p", "--applications", table, "--bad", "badd")
    assert code == 1
    assert "did you mean 'bad'?" in err
    assert "Traceback" not in out + err
    assert not (tmp_path / "p").exists()


def test_a_second_run_leaves_the_first_product_alone(tmp_path: Path, table: Path) -> None:
    assert run(tmp_path / "p", "--applications", table, "--bad", "bad")[0] == 0
    before = (tmp_path / "p" / "product.py").read_bytes()
    code, _, err = run(tmp_path / "p", "--applications", table, "--bad", "bad")
    assert (code, "stays as it is" in err) == (1, True)
    assert (tmp_path / "p" / "product.py").read_bytes() == before


def test_a_name_cannot_move_the_cursor_or_colour_the_screen(tmp_path: Path, table: Path) -> None:
    text = table.read_text(encoding="utf-8").replace("months", "\x1b[2J[red]m[/]")
    table.write_text(text, encoding="utf-8")
    code, out, _ = run(tmp_path / "p", "--applications", table, "--bad", "bad")
    assert code == 0
    assert "\x1b[2J" not in out
    assert "[red]" in out
