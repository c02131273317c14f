"""The house keeps its rules: every law of tests/laws.py, on this tree and on planted faults."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import solvent.errors
from tests import laws
from tests.laws import (
    REGISTRIES,
    ROOT,
    all_is_what_is_public,
    every_file_has_a_name,
    everything_public_is_documented,
    files_fit_one_sitting,
    functions_fit_one_screen,
    importing_connects_to_nothing,
    more_than_six_parameters_are_a_dataclass,
    no_registry_and_no_machine_is_named,
    nothing_read_runs_code,
    only_commands_print,
    rooms_have_their_tests,
    the_api_process_loads_nothing_slow,
    the_core_imports_no_io_library,
    wrong_input_raises_an_error_of_ours,
)

Law = Callable[[Path], list[str]]
Planted = dict[str, str]

FAULTS: list[tuple[Law, Planted]] = [
    (files_fit_one_sitting, {"src/solvent/long.py": "x = 1\n" * 501}),
    (functions_fit_one_screen, {"src/solvent/long.py": "def f():\n" + "    x = 1\n" * 60}),
    (
        functions_fit_one_screen,
        {
            "tests/test_long.py": "class C:\n  async def f(self):\n    x = [\n"
            + "    1,\n" * 58
            + "    ]\n"
        },
    ),
    (
        more_than_six_parameters_are_a_dataclass,
        {"src/solvent/m.py": "def f(a, b, *, c, d, e, g, h): ..."},
    ),
    (
        more_than_six_parameters_are_a_dataclass,
        {"src/solvent/m.py": "class C:\n def f(self, a, b, c, d, e, g, **h): ..."},
    ),
    (every_file_has_a_name, {"src/solvent/metrics/utils.py": ""}),
    (every_file_has_a_name, {"tests/helpers/made.py": ""}),
    (
        all_is_what_is_public,
        {"src/solvent/metrics/__init__.py": "from .auc import auc\n__all__ = []"},
    ),
    (all_is_what_is_public, {"src/solvent/metrics/__init__.py": "__all__ = ['auc']"}),
    (all_is_what_is_public, {"src/solvent/metrics/__init__.py": "import numpy as np"}),
    (rooms_have_their_tests, {"src/solvent/metrics/__init__.py": ""}),
    (rooms_have_their_tests, {"src/solvent/domain.py": '"""No example."""'}),
    (
        rooms_have_their_tests,
        {
            "src/solvent/metrics/__init__.py": "__all__ = ['auc']",
            "src/solvent/metrics/auc.py": "",
            "tests/metrics/test_ks.py": "",
        },
    ),
    (nothing_read_runs_code, {"src/solvent/models/load.py": "from pickle import loads"}),
    (nothing_read_runs_code, {"src/solvent/models/load.py": "def f():\n    import joblib.hashing"}),
    (nothing_read_runs_code, {"src/solvent/models/load.py": "np.load(path, allow_pickle=True)"}),
    (
        no_registry_and_no_machine_is_named,
        {"docs/install.md": f"from https://{REGISTRIES[0]}/simple"},
    ),
    (no_registry_and_no_machine_is_named, {"Makefile": "DATA := /" + "work/shared/data"}),
    (
        the_core_imports_no_io_library,
        {"src/solvent/features/__init__.py": "import pyarrow.parquet as pq"},
    ),
    (the_core_imports_no_io_library, {"src/solvent/domain.py": "from duckdb import connect"}),
    (everything_public_is_documented, {"src/solvent/a.py": "def decide(): ..."}),
    (
        everything_public_is_documented,
        {"src/solvent/a.py": 'class A:\n "It."\n def decide(self): ...'},
    ),
    (wrong_input_raises_an_error_of_ours, {"src/solvent/a.py": "def f(x):\n    assert x > 0"}),
    (only_commands_print, {"src/solvent/a.py": "def f(x):\n    print(x)"}),
    (
        importing_connects_to_nothing,
        {"src/solvent/a.py": "import sqlite3\nsqlite3.connect(':memory:')"},
    ),
    (importing_connects_to_nothing, {"src/solvent/a.py": "import duckdb\nduckdb.connect()"}),
    (importing_connects_to_nothing, {"src/solvent/a.py": "import solvent.absent"}),
    (the_api_process_loads_nothing_slow, {"src/solvent/serve/__init__.py": "import pandas"}),
]

INNOCENT: Planted = {
    "src/solvent/__init__.py": '"""It."""\n',
    "src/solvent/metrics/__init__.py": "from solvent.metrics.auc import auc\n__all__ = ['auc']\n",
    "src/solvent/metrics/auc.py": 'def auc(a, b, c, d, e, f):\n """It.' + "\n" * 99 + '"""\n',
    "src/solvent/cli/__init__.py": "def _go(a, b, c, d, e, f, g):\n    print(a)\n",
    "tests/metrics/test_auc.py": "def test_it():\n" + "    # why\n\n" * 99 + "    assert True\n",
    "tests/cli/test_cli.py": "",
    "docs/how.md": "Run ./work/it, see https://example.org/tmp/ and examples/home/it.\n",
}  # fmt: skip


def _plant(root: Path, files: Planted) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    package = root / "src" / "solvent"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    return root


LAWS = list(dict.fromkeys(law for law, _ in FAULTS))
_NAME = "{0.__name__}".format


@pytest.mark.parametrize("law", LAWS, ids=_NAME)
def test_this_tree_keeps_the_law(law: Law) -> None:
    found = law(ROOT)
    assert not found, f"{law.__doc__}\n  " + "\n  ".join(found)


@pytest.mark.parametrize("law", LAWS, ids=_NAME)
def test_a_law_leaves_an_innocent_tree_alone(law: Law, tmp_path: Path) -> None:
    assert law(_plant(tmp_path, INNOCENT)) == []


@pytest.mark.parametrize(("law", "fault"), FAULTS)
def test_a_law_finds_a_planted_fault(law: Law, fault: Planted, tmp_path: Path) -> None:
    assert law(_plant(tmp_path, fault))


def test_every_law_here_is_held() -> None:
    """A law is a public function of tests/laws.py; none is without a fault it must find."""
    written = {
        name
        for name, each in inspect.getmembers(laws, inspect.isfunction)
        if each.__module__ == laws.__name__ and not name.startswith("_")
    }
    assert written == {law.__name__ for law in LAWS}


def test_pd_is_never_pandas() -> None:
    """`pd` means probability of default: ruff refuses it as another name of pandas."""
    told = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "src/solvent/x.py", "-"],
        input="import pandas as pd\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert "ICN002" in told.stdout, told.stdout + told.stderr


def test_the_error_tree_is_drawn_as_it_is() -> None:
    """Every error of ours is drawn in the docstring of errors.py, under the one it specialises."""
    drawing = (solvent.errors.__doc__ or "").split("```")[1]
    above: list[str] = []
    drawn = {}
    for line in drawing.strip().splitlines():
        name = re.search(r"[A-Z]\w+", line)
        assert name is not None, line
        above = [*above[: name.start() // 4], name.group()]
        drawn[name.group()] = above[-2] if len(above) > 1 else "Exception"
    raised = {
        each.__name__: each.__bases__[0].__name__
        for each in vars(solvent.errors).values()
        if isinstance(each, type) and issubclass(each, Exception)
    }
    assert drawn == raised


def test_every_make_target_says_what_it_does() -> None:
    """Each target a person may call has a line in `make help`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    told = set(re.findall(r"^([a-z-]+):.*## \w", makefile, flags=re.MULTILINE))
    assert set(phony.split()) == told
