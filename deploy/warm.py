"""Compile every kernel that deciding needs, at build time: the first start then finds them.

Two small simulated lenders are trained and decided for: one with event logs, one with a form.
They leave compiled code behind in `NUMBA_CACHE_DIR`; their models go with the working folder.

    python warm.py EXAMPLES WORKING_FOLDER
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from solvent.app.bootstrap import open_service
from solvent.app.decide import warm
from solvent.app.settings import Settings

LENDERS = {"airtime_loans": "600", "instant_card": "2000"}


def main(examples: Path, folder: Path) -> None:
    """Train the lenders, load their rows, decide once for each."""
    home, solvent = folder / "home", str(Path(sys.executable).with_name("solvent"))
    environment = {"SOLVENT_HOME": str(home), "PATH": "/usr/bin:/bin", **_kept()}

    def run(*words: str) -> None:
        subprocess.run([solvent, *words], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command

    for name, customers in LENDERS.items():
        product, data = str(examples / name), str(folder / name)
        run("sandbox", name, "--customers", customers, "--out", data)
        run("train", product, "--data", data, "--technique", "boosted_trees")
        run("policy", product)
        run("events", "load", name, data)
    service = open_service(Settings(home=home))
    if service.not_live:
        raise SystemExit(f"not served: {service.not_live}")
    for live in service.live.values():
        warm(live)
    service.close()


def _kept() -> dict[str, str]:
    names = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    return {name: os.environ[name] for name in names if name in os.environ}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
