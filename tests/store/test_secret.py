"""The installation's secret: made once, and for nobody else to read."""

from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from solvent.errors import StoreError
from solvent.store import load_secret


def test_the_secret_is_made_once_and_is_random(tmp_path: Path) -> None:
    first = load_secret(tmp_path / "home")
    assert len(first) == 32
    assert load_secret(tmp_path / "home") == first
    assert load_secret(tmp_path / "other") != first


def test_the_secret_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    load_secret(tmp_path / "home")
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_secret_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    load_secret(tmp_path)
    (tmp_path / "secret.key").chmod(mode)
    with pytest.raises(StoreError, match=r"chmod 600 .*secret\.key"):
        load_secret(tmp_path)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_of_another_length_is_refused(tmp_path: Path, size: int) -> None:
    load_secret(tmp_path)
    (tmp_path / "secret.key").write_bytes(b"x" * size)
    with pytest.raises(StoreError, match="not 32 bytes") as found:
        load_secret(tmp_path)
    assert "xxx" not in str(found.value)


@pytest.mark.parametrize("place", ["home", "secret.key"])
def test_a_place_that_cannot_hold_a_secret_is_told(tmp_path: Path, place: str) -> None:
    if place == "home":
        (tmp_path / "home").write_text("a file where a folder should be")
    else:
        (tmp_path / "home" / "secret.key").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be made or read"):
        load_secret(tmp_path / "home")


def test_processes_that_start_at_once_get_the_same_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them find no secret, and then all make one."""
    gate = threading.Barrier(8)
    there = Path.exists
    tried: set[int] = set()

    def exists(path: Path) -> bool:
        found = there(path)
        if path.name == "secret.key" and threading.get_ident() not in tried:
            tried.add(threading.get_ident())
            gate.wait()
        return found

    monkeypatch.setattr(Path, "exists", exists)
    with ThreadPoolExecutor(8) as threads:
        found = {one.result() for one in [threads.submit(load_secret, tmp_path) for _ in range(8)]}
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
