"""One point of a curve: a product with so many windows or features, or the first applications."""

from __future__ import annotations

from pathlib import Path

from benchmarks.data import APPLICATIONS, SORTED
from benchmarks.declared import payments, product
from benchmarks.folder import bench_folder
from benchmarks.offline import compute
from benchmarks.wanted import KEY
from solvent import (
    Applications,
    Product,
    count,
    days,
    distinct,
    equals,
    instant,
    maximum,
    mean,
    minimum,
    std,
    total,
)
from solvent.features import Events, Feature

LONGEST_DAYS = 360


def run(case: str, amount: int, folder: Path) -> None:
    """Compute the features of one point and write them.

    Args:
        case: What the curve runs over.
        amount: How much of it.
        folder: The book.
    """
    declared = product(SORTED)
    source = payments(SORTED)
    if case == "windows":
        declared = _with(_windows(source, amount), source)
    if case == "features":
        declared = _with(_features(source, amount), source)
    compute(declared, folder, bench_folder() / "scaled.parquet")


def _with(features: tuple[Feature, ...], source: Events) -> Product:
    return Product(
        name="scaling",
        applications=Applications(
            name="applications", files=APPLICATIONS, key="user_id", id=KEY, as_of="applied_at",
            zone="UTC", columns={"applied_at": instant()},
        ),
        bad=equals("bad", "1", matured="given"),
        sources=(source,),
        features=[features],
    )  # fmt: skip


def _windows(source: Events, amount: int) -> tuple[Feature, ...]:
    """Return seven aggregates over so many windows, the longest always the same."""
    value, merchant = source["amount_cents"], source["merchant_id"]
    found: list[Feature] = []
    for place in range(amount):
        over = days(LONGEST_DAYS * (place + 1) // amount)
        found.append(count(source, over=over))
        found += [make(source, value, over=over) for make in (total, mean, std, minimum, maximum)]
        found.append(distinct(source, merchant, over=over))
    return tuple(found)


def _features(source: Events, amount: int) -> tuple[Feature, ...]:
    """Return so many sums, each of other rows, so that none shares its walk with another."""
    merchant, value = source["merchant_id"], source["amount_cents"]
    return tuple(
        total(source, value, where=merchant >= 40 * place, over=days(LONGEST_DAYS)).called(
            f"total_{place}"
        )
        for place in range(amount)
    )
