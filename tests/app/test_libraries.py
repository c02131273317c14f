"""Versions that a bundle and a search go by."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import pytest

from solvent.app import libraries


@pytest.mark.parametrize(
    "name",
    ["lightgbm", "scikit-learn", "catboost", "interpret-core", "jax", "jaxlib", "optuna", "scipy"],
)
def test_the_version_of_every_library_a_model_is_made_with_is_told(name: str) -> None:
    try:
        installed = version(name)
    except PackageNotFoundError:
        assert name not in libraries.versions()
    else:
        assert libraries.versions()[name] == installed


def test_a_library_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(name: str) -> str:
        if name == "catboost":
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(libraries, "installed", lacking)
    found = libraries.versions()
    assert "catboost" not in found
    assert {"python", "solvent", "numpy", "lightgbm"} <= set(found)
