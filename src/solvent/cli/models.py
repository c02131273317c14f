"""`solvent models`."""

from __future__ import annotations

from solvent.cli.places import ProductFolder
from solvent.cli.terminal import out, show_table, told
from solvent.product import load_product
from solvent.store import ModelRegistry, home


@told
def models(folder: ProductFolder) -> None:
    """List the registered versions of a product: when, on what, how good.

    Example: solvent models examples/airtime_loans
    """
    name = load_product(folder).product.name
    registry = ModelRegistry(home())
    rows = []
    for version in registry.versions(name):
        about = registry.load(name, version).about
        test, split = about["metrics"]["test"], about["split"]
        digest = ", ".join(sorted({entry["sha256"][:8] for entry in about["data"]})[:3])
        rows.append(
            (str(version), about["created_at"], about["technique"], f"{split['train']:,}",
             f"{split['test']:,}", f"{test['auc']['auc']:.4f}", f"{test['gini']['gini']:.4f}",
             _slope(test["calibration_slope"]), digest)
        )  # fmt: skip
    if not rows:
        out.print(f"no model of {name} is registered; make one: solvent train {folder}")
        return
    headings = (
        "version",
        "trained at",
        "technique",
        "train",
        "test",
        "AUC",
        "Gini",
        "slope",
        "data",
    )
    show_table(f"Models of {name}", headings, rows)


def _slope(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
