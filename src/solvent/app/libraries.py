"""The libraries that what is learnt depends on, and their versions."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Final

LIBRARIES: Final = (
    "solvent", "numpy", "scipy", "numba", "duckdb", "pyarrow", "lightgbm", "scikit-learn",
    "catboost", "interpret-core", "jax", "jaxlib", "optax", "optuna",
)  # fmt: skip
"""Those that compute what a model is made of, extras included."""


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that are installed here."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = installed(name)
        except PackageNotFoundError:  # an extra that is not wanted here
            continue
    return found
