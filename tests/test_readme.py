"""The README tells the truth: its commands run and its product loads."""

from __future__ import annotations

import csv
import random
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from solvent.cli.main import app
from solvent.product import load_product

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_every_solvent_command_of_the_first_page_runs_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _write_applications(tmp_path / "applications.csv")
    lines = [line for block in _blocks("bash") for line in block.splitlines() if line]
    assert len(lines) >= 3
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "solvent"
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, f"{line}\n{result.output}"
    assert (tmp_path / "shop" / "report.html").stat().st_size > 10_000
    with (tmp_path / "shop" / "predictions.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 600


def test_the_product_of_the_first_page_loads(tmp_path: Path) -> None:
    (block,) = _blocks("python")
    (tmp_path / "product.py").write_text(block, encoding="utf-8")
    assert load_product(tmp_path).product.name == "airtime"


def test_every_make_target_of_the_first_page_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"make ([a-z-]+)", README))
    assert named >= {"demo", "test"}
    for target in named:
        assert re.search(rf"^{target}:.*## ", makefile, flags=re.MULTILINE), target


def test_every_command_of_the_table_exists() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in re.findall(r"\| `solvent ([a-z]+)` \|", README):
        assert name in shown


def test_every_file_the_first_page_points_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target


def _write_applications(path: Path) -> None:
    rng = random.Random(7)  # noqa: S311 - no secret hangs on these rows
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("application_id", "age", "income", "job", "defaulted"))
        for number in range(600):
            age, income = rng.randint(18, 75), round(rng.lognormvariate(7, 0.5), 2)
            risk = 0.1 + 0.4 * (age < 30) + 0.2 * (income < 900)
            writer.writerow(
                (number, age, income, rng.choice(("clerk", "driver", "nurse")),
                 int(rng.random() < risk))
            )  # fmt: skip
