"""Writing a file: whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from solvent.store.writing import own_folder, whole_file


def _write(path: Path, content: bytes, **how: bool | int) -> None:
    with whole_file(path, **how) as file:  # type: ignore[arg-type]  # permissions or new
        file.write(content)


def test_a_file_is_there_with_its_permissions_and_no_draft_is_left(tmp_path: Path) -> None:
    _write(tmp_path / "a", b"one")
    _write(tmp_path / "b", b"two", permissions=0o640)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"a": 0o600, "b": 0o640}
    assert (tmp_path / "a").read_bytes() == b"one"


def test_a_file_is_replaced_unless_it_must_be_new(tmp_path: Path) -> None:
    _write(tmp_path / "a", b"one", new=True)
    with pytest.raises(FileExistsError):
        _write(tmp_path / "a", b"two", new=True)
    assert (tmp_path / "a").read_bytes() == b"one"
    _write(tmp_path / "a", b"three")
    assert (tmp_path / "a").read_bytes() == b"three"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("new", [True, False])
def test_a_fault_while_writing_leaves_what_was_there(tmp_path: Path, new: bool) -> None:
    _write(tmp_path / "kept", b"one")
    for name in ("kept", "other"):
        with pytest.raises(TypeError):
            _write(tmp_path / name, 0, new=new)  # type: ignore[arg-type]  # no bytes
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("kept", b"one")]


def test_a_folder_that_is_made_is_for_nobody_else(tmp_path: Path) -> None:
    assert own_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o755)
    (tmp_path / "a").chmod(0o755)
    own_folder(tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755
