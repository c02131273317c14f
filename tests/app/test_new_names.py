"""No column, file or folder name can break a scaffolded product or slip code into it."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.app.scaffold.draft import BadGuess, Draft, Fate, Guess, Role, Roles
from solvent.app.scaffold.source import product_source
from solvent.dataset import equals
from solvent.features import integer
from tests.app.plain_tables import (
    ROWS,
    accepted,
    formatted,
    loans,
    product_of,
    scaffold,
    text_of,
    write_csv,
    write_parquet,
)

HOSTILE = (
    'quo"te', "it's", "two\nlines", "back\\slash", "{brace}", "%s", "# comment", '"""', "'''",
    "a\r\nimport os", "tab\there", "ünïcödé", "名前", "\u202eright to left", "TARGET=1", " spaced ",
    'x": integer(), **__import__("os").environ, "y', "\\", 'end\\"', "f{1+1}", "\u2028",
    "name" * 40, 'both " and \' here', "zero\u200bwidth", "\x1b[31m",
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40),
)


def declared_names(text: str) -> list[str]:
    """Return the keys of `columns={...}` as Python reads them."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg == "columns":
            return [key.value for key in node.value.keys if isinstance(key, ast.Constant)]  # type: ignore[attr-defined]
    return []


def draft_of(names: Sequence[str], fate: Sequence[Fate]) -> Draft:
    guesses = tuple(
        Guess(name=name, declared=integer(name[:9]), why=name, fate=one)
        for name, one in zip(names, fate, strict=True)
    )
    first = names[0]
    roles = Roles(
        id=Role(column=first, why=first), key=Role(column=first, why=first), as_of=None,
        bad=BadGuess(bad=equals(first, first, matured="given"), why=first, notes=(first,)),
        times=(first,),
    )  # fmt: skip
    return Draft(
        name="p", title=first, data=first, file=first, csv=None, csv_why="", zone="UTC",
        roles=roles, guesses=guesses,
    )  # fmt: skip


@given(data=st.data())
@settings(max_examples=150)
def test_no_name_can_break_the_file_or_slip_code_into_it(data: st.DataObject) -> None:
    names = data.draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    fates = data.draw(st.lists(st.sampled_from(Fate), min_size=len(names), max_size=len(names)))
    text = product_source(draft_of(names, fates))
    used = [name for name, fate in zip(names, fates, strict=True) if fate is Fate.USED]
    assert declared_names(text) == used
    tree = ast.parse(text)
    shape = [type(node).__name__ for node in tree.body]
    assert shape == ["Expr", "ImportFrom", "Assign", "Assign"]
    called = {
        node.func.id for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }  # fmt: skip
    assert called <= {"Applications", "Product", "behaviour", "equals", "integer"}


@given(names=st.lists(NAMES, min_size=1, max_size=4, unique_by=str.lower))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_header_survives_the_whole_way(tmp_path: Path, names: list[str]) -> None:
    names = [name for name in names if "\x00" not in name and name.lower() not in loans()]
    folder = tmp_path / "p"
    shutil.rmtree(folder, ignore_errors=True)
    odd = {name: [row % 7 + 1 for row in range(ROWS)] for name in names}
    table = write_parquet(tmp_path / "t.parquet", {**loans(), **odd})
    result = scaffold(folder, table)
    used = {guess.name for guess in result.seen.draft.used}
    told = {guess.name for guess in result.seen.draft.guesses}
    assert set(names) <= told
    assert set(declared_names(text_of(folder))) == used
    assert set(product_of(folder).applications.columns) == used


def test_the_hostile_names_are_declared_and_read(tmp_path: Path) -> None:
    odd = {name: [row % 7 + 1 for row in range(ROWS)] for name in HOSTILE}
    scaffold(tmp_path / "p", write_parquet(tmp_path / "t.parquet", {**loans(), **odd}))
    unusable = {"\u2028", "TARGET=1"}  # a blank, and the name of an outcome
    declared = product_of(tmp_path / "p").applications.columns.keys()
    assert set(HOSTILE) - unusable <= declared
    assert accepted(tmp_path / "p") == (ROWS, ROWS)


def test_names_that_differ_only_in_case_are_left_out_but_for_the_first(tmp_path: Path) -> None:
    columns = {**loans(), "AGE": [row % 5 for row in range(ROWS)]}
    scaffold(tmp_path / "p", write_csv(tmp_path / "t.csv", columns))
    assert "age" in product_of(tmp_path / "p").applications.columns
    assert "differs from another's only in case" in text_of(tmp_path / "p")


@pytest.mark.parametrize("folder", ["my-loans 2024", "7days", "crédito", "class", "a'b\"c"])
def test_any_folder_gives_the_product_a_name(tmp_path: Path, folder: str) -> None:
    scaffold(tmp_path / folder, write_csv(tmp_path / "it's 100%.csv", loans()))
    assert product_of(tmp_path / folder).name.isidentifier()
    assert accepted(tmp_path / folder) == (ROWS, ROWS)


def test_the_file_is_laid_out_as_ruff_would(tmp_path: Path) -> None:
    columns = loans()
    for name in ("a" * 70, "b" * 90, 'quo"te', "both \" and '"):
        columns[name] = ["NA" if row % 9 == 0 else row % 60 + 18 for row in range(ROWS)]
    write_csv(tmp_path / "plain.csv", loans())
    write_parquet(tmp_path / "odd.parquet", {n: list(map(str, v)) for n, v in columns.items()})
    write_csv(tmp_path / "semi.csv", loans(), separator=";", encoding="utf-16")
    for number, name in enumerate(("plain.csv", "odd.parquet", "semi.csv")):
        folder = tmp_path / f"p{number}"
        scaffold(folder, tmp_path / name)
        assert formatted(folder / "product.py"), text_of(folder)
