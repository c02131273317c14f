"""The peers' versions: what is pinned, what runs, and an environment for one that needs its own."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

from benchmarks.folder import bench_folder
from benchmarks.measure import environment

_PINS = Path(__file__).with_name("peers.toml")
HERE = "here"


def pinned(group: str) -> dict[str, str]:
    """Return the pinned version of each library of a group of `peers.toml`."""
    return dict(tomllib.loads(_PINS.read_text(encoding="utf-8"))[group])


def require_versions() -> str:
    """Return a sentence about the peers installed here.

    Raises:
        AssertionError: One is not of the pinned version.
    """
    for name, wanted in pinned(HERE).items():
        assert version(name) == wanted, f"{name} {version(name)} is here, peers.toml pins {wanted}"
    return ", ".join(f"{name} {wanted}" for name, wanted in pinned(HERE).items())


def python_of(group: str) -> Path:
    """Return the interpreter of a group's own environment, made on first use.

    Raises:
        AssertionError: It holds another version than the pinned one.
    """
    folder = (bench_folder() / f"venv_{group}").resolve()
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        uv = str(Path(sys.executable).with_name("uv"))
        wanted = [f"{name}=={number}" for name, number in pinned(group).items()]
        for command in (
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--quiet", "--no-build", "--python", str(python), *wanted],
        ):
            subprocess.run(command, check=True, env={"UV_SYSTEM_CERTS": "1", **environment()})
        (folder / "complete").touch()
    script = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))"
    for name, number in pinned(group).items():
        said = subprocess.run(
            [str(python), "-c", script, name], check=True, capture_output=True, text=True
        ).stdout.strip()
        assert said == number, f"{name} {said} is in {folder}, peers.toml pins {number}"
    return python
