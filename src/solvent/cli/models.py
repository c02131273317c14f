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
    rows = [row for version in registry.versions(name) for row in _rows(registry, name, version)]
    if not rows:
        out.print(
            f"no model of {name} is registered in {home()} ({HOME_VARIABLE} names another folder); "
            f"make one: solvent train {folder}",
            markup=False,
        )
        return
    show_table(f"Models of {name}", HEADINGS, rows)


def _rows(registry: ModelRegistry, product: str, version: int) -> list[tuple[str, ...]]:
    """Return a version's line and one for each link of its chain; of a damaged one, what is wrong.

    The line of a link tells what it learnt from, and its figures on the applications it scores.
    """
    try:
        about = registry.load(product, version).about
        links = about.get("links", [])
        return [_sound(str(version), about), *(_link(one) for one in links)]
    except BundleError as error:
        damage = f"damaged: {error.field + ' ' if error.field else ''}{error.message}"
    except (KeyError, TypeError, ValueError) as error:
        damage = f"damaged: {error} is missing or wrong"
    return [(str(version), damage, *[""] * (len(HEADINGS) - 2))]


def _link(told: Mapping[str, Any]) -> tuple[str, ...]:
    test = told["test"]
    figures = ("-", "-", "-")
    if test is not None:
        auc, gini = test["auc"]["auc"], test["gini"]["gini"]
        figures = (f"{auc:.4f}", f"{gini:.4f}", _slope(test["calibration_slope"]))
    head = ("", f"  {told['words']}", told["technique"])
    return (*head, f"{told['learnt']:,}", f"{told['tested']:,}", *figures, "")


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
