"""Where generated data lie. Imports next to nothing, so that the measuring process stays small."""

from __future__ import annotations

import os
from pathlib import Path


def bench_folder() -> Path:
    """Return the folder generated data lie in: SOLVENT_BENCH_DIR, else `.bench`."""
    return Path(os.environ.get("SOLVENT_BENCH_DIR", ".bench"))
