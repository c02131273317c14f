"""`solvent models`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solvent.cli.places import ProductFolder
from solvent.cli.terminal import out, show_table, told
from solvent.errors import BundleError
from solvent.product import load_product
from solvent.store import ModelRegistry, home
from solvent.store.models import HOME_VARIABLE

HEADINGS = ("version", "trained at", "technique", "train", "test", "AUC", "Gini", "slope", "data")


@told
def models(folder: ProductFolder) -> None:
    """List the registered versions of a product: when, on what, how good.

    Example: solvent models examples/airtime_loans
    """
    name = load_product(folder).product.name
    registry = ModelRegistry(home())
    rows = [_row(registry, name, version) for version in registry.versions(name)]
    if not rows:
        out.print(
            f"no model of {name} is registered in {home()} ({HOME_VARIABLE} names another folder); "
            f"make one: solvent train {folder}",
            markup=False,
        )
        return
    show_table(f"Models of {name}", HEADINGS, rows)


def _row(registry: ModelRegistry, product: str, version: int) -> tuple[str, ...]:
    """Return a line of the list; of a damaged version, what is wrong with it."""
    try:
        return _sound(str(version), registry.load(product, version).about)
    except BundleError as error:
        damage = f"damaged: {error.field + ' ' if error.field else ''}{error.message}"
    except (KeyError, TypeError, ValueError) as error:
        damage = f"damaged: {error} is missing or wrong"
    return (str(version), damage, *[""] * (len(HEADINGS) - 2))


def _sound(version: str, about: Mapping[str, Any]) -> tuple[str, ...]:
    test, split = about["metrics"]["test"], about["split"]
    digest = ", ".join(sorted({entry["sha256"][:8] for entry in about["data"]})[:3])
    return (
        version, about["created_at"], about["technique"], f"{split['train']:,}",
        f"{split['test']:,}", f"{test['auc']['auc']:.4f}", f"{test['gini']['gini']:.4f}",
        _slope(test["calibration_slope"]), digest,
    )  # fmt: skip


def _slope(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
