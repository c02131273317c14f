"""The portfolio: what any cutoff would have approved, lost and earned on applications not learnt.

Cutoffs are chosen on the training side, with PDs from folds that had not seen the applications,
and judged on the test side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvent.app.applicants import value_at
from solvent.app.bootstrap import Service
from solvent.app.live_product import LiveProduct
from solvent.errors import DeclarationError, RangeError
from solvent.features import FeatureFrame, NumberColumn
from solvent.models import Population
from solvent.policy import CostMatrix, Economics, Figure, Policy, Worth, hit, names_in, worth
from solvent.report import economics_words
from solvent.simulate import (
    Best,
    Comparison,
    Matrix,
    Point,
    Sweep,
    compare,
    matrix_at,
    most_profitable,
    sweep,
)
from solvent.store import ModelRegistry

CELLS = ("good_approved", "bad_approved", "good_declined", "bad_declined")
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """Applications with a known outcome, ready to be decided again.

    Args:
        pd: PD by a model that had not seen them, shape (n,).
        bad: What became of them, shape (n,).
        worth: Money by verdict and outcome.
        barred: True where a knock-out stops an application whatever its PD, shape (n,).
    """

    pd: FloatArray
    bad: BoolArray
    worth: Worth
    barred: BoolArray

    def __len__(self) -> int:
        return len(self.pd)

    def sweep(self) -> Sweep:
        """Return what every cutoff brings."""
        return sweep(self.pd, self.bad, self.worth, barred=self.barred)

    def matrix(self, cutoff: float) -> Matrix:
        """Return who is approved, good and bad, at a cutoff."""
        return matrix_at(self.pd, self.bad, self.worth, cutoff, barred=self.barred)

    def compare(self, cutoff: float) -> Comparison:
        """Compare a cutoff with approving everybody and with perfect foresight."""
        return compare(self.worth, self.bad, (self.pd < cutoff) & ~self.barred)


def side_of(policy: Policy, population: Population) -> Side:
    """Return a population with the policy's money and rules.

    Args:
        policy: The policy.
        population: The applications; rules over features it does not keep catch nobody.

    Raises:
        DeclarationError: The economics read a feature the population does not keep.
        DataError: A figure is not known of some application.
    """
    return Side(
        pd=population.pd, bad=population.bad, worth=worth_of(policy, population.frame),
        barred=barred_in(policy, population.frame),
    )  # fmt: skip


def worth_of(policy: Policy, frame: FeatureFrame) -> Worth:
    """Return what each application of a frame is worth.

    Raises:
        DeclarationError: The economics read what the frame does not hold, or a category.
        DataError: A figure is not known of some application.
    """
    numbers = {column.name: column.values for column in frame if isinstance(column, NumberColumn)}
    for figure in _figures(policy.economics):
        if figure.feature and figure.feature not in numbers:
            raise DeclarationError(
                "money is told by application columns that are numbers, and this is none",
                hint="declare the column in product.py (money or number), and train again",
                field=f"economics.{figure.feature}",
            )
    return worth(policy.economics, numbers, frame.rows)


def barred_in(policy: Policy, frame: FeatureFrame) -> BoolArray:
    """Return which applications of a frame a knock-out rule stops, shape (n,)."""
    columns = {column.name: column for column in frame}
    rules = [rule for rule in policy.knock_outs if set(names_in(rule.when)) <= columns.keys()]
    read = {name: columns[name] for rule in rules for name in names_in(rule.when)}
    barred = np.zeros(frame.rows, np.bool_)
    for place in range(frame.rows if rules else 0):
        values = {name: value_at(column, place) for name, column in read.items()}
        barred[place] = bool(hit(rules, values))
    return barred


def portfolio(service: Service, product: str, cutoff: float | None) -> dict[str, Any]:
    """Return what the Portfolio page shows.

    Args:
        service: Everything that is wired together.
        product: Name of the product.
        cutoff: The PD below which to approve; None takes the policy's.

    Raises:
        NotServedError: No such product is served.
        RangeError: The cutoff is no PD.
    """
    live = service.product(product)
    policy_cutoff = live.policy.cutoffs.approve_below
    at = policy_cutoff if cutoff is None else cutoff
    if not 0.0 <= at <= 1.0:
        raise RangeError("is no probability", hint="between 0 and 1", field="cutoff")
    judged, swept, best = figures(live, service.models)
    compared, found = judged.compare(at), judged.matrix(at)
    return {
        "product": live.name, "currency": judged.worth.currency, "cutoff": at,
        "policy_cutoff": policy_cutoff, "best_cutoff": best.cutoff, "best_low": best.low,
        "best_high": best.high, "level": best.level, "chosen_on": chosen_words(live, best),
        "judged_on": judged_words(live, len(judged)), "applications": len(judged),
        "bad_rate_all": float(judged.bad.mean()),
        "curve": [asdict(point) for point in _ascending(swept.points)],
        "at": asdict(swept.at(at)), "at_policy": asdict(swept.at(policy_cutoff)),
        "at_best": asdict(swept.at(best.cutoff)),
        "approve_all": {"profit": compared.approve_all}, "oracle": {"profit": compared.perfect},
        "confusion": {
            name: getattr(found, name).n for name in CELLS
        },
        "confusion_money": {name: getattr(found, name).money for name in CELLS},
        "economics": [list(line) for line in economics_words(live.policy.economics, live.titles)],
    }  # fmt: skip


@lru_cache(maxsize=16)
def figures(live: LiveProduct, models: ModelRegistry) -> tuple[Side, Sweep, Best]:
    """Return a product's test side, what every cutoff brings on it, and the best cutoff.

    Kept for as long as the product is the one loaded: the bootstrap takes a second.
    """
    judged = side_of(live.policy, live.population)
    train = models.population(live.name, live.registered.version, "train")
    return judged, judged.sweep(), best_cutoff(live.policy, train)


def _ascending(points: Sequence[Point]) -> list[Point]:
    return sorted(points, key=lambda point: point.cutoff)


def best_cutoff(policy: Policy, train: Population) -> Best:
    """Return the cutoff that earns most on the training side, with its interval."""
    side = side_of(policy, train)
    return most_profitable(side.pd, side.bad, side.worth, barred=side.barred)


def chosen_words(live: LiveProduct, best: Best) -> str:
    """Return what the best cutoff was chosen on."""
    return (
        f"{best.n:,} training applications of model {live.registered.version}, each with "
        "a PD from folds that had not seen it"
    )


def judged_words(live: LiveProduct, rows: int) -> str:
    """Return what cutoffs are judged on."""
    split = live.registered.about["split"]
    later = "later than the training data" if split["cut"] else "drawn at random by customer"
    return (
        f"{rows:,} test applications the model had not seen, {later}, by cutoff and rules alone: "
        "offers of other amounts are for `solvent simulate`"
    )


def _figures(economics: Economics | CostMatrix) -> tuple[Figure, ...]:
    if isinstance(economics, CostMatrix):
        return ()
    return tuple(one for one in (economics.amount, economics.revenue) if one is not None)
