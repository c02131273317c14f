"""Is a reason true? Its features are set to what they are in the reference group, and scored again.

Contributions share an interaction out among features, so the strongest of them need not be one
whose change would help. The reason that is told first is therefore held against the model itself:
with its features as the members of the reference group have them, and all else as it is, the mean
log-odds must not rise. A reason that does not hold is told after the first that does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from solvent.app.live_product import LiveProduct, Reference
from solvent.domain import Effect, Reason
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn

FloatArray = NDArray[np.float64]
MOST_MEMBERS = 32
"""Members of the group who stand for it, evenly spaced: each costs a row to score."""
ROUNDING = 1e-9
"""Log-odds that differ by less are the same: sums are made in another order."""


def log_odds_at_reference(
    live: LiveProduct, some: FeatureFrame, reference: Reference, names: Collection[str]
) -> FloatArray:
    """Return mean log-odds with some features as the reference group has them, all else the same.

    The features are set together, to the values that one member after another has, so that no
    applicant is given values that were never seen together.

    Args:
        live: The product.
        some: Applicants whom the reference's model scores, n rows of every feature.
        reference: Whom they are compared with.
        names: The features.

    Returns:
        Calibrated log-odds of bad, shape (n,).
    """
    who = reference.members
    few = who[np.unique(np.linspace(0, len(who) - 1, min(len(who), MOST_MEMBERS)).astype(int))]
    places = np.tile(live.population.explained[few], some.rows)
    each = some.take(np.repeat(np.arange(some.rows), len(few)))
    kept = {one.name: one for one in live.population.frame if one.name in names}
    there = FeatureFrame(rows=len(live.population), columns=tuple(kept.values())).take(places)
    put = {one.name: one for one in there}
    columns: list[NumberColumn | CategoryColumn] = [put.get(one.name, one) for one in each]
    odds = live.model.margin(FeatureFrame(rows=each.rows, columns=tuple(columns)))
    mean: FloatArray = odds.reshape(some.rows, len(few)).mean(axis=1)
    return mean


def holding_first(
    live: LiveProduct, one: FeatureFrame, reference: Reference, weighed: Sequence[Effect],
    reasons: tuple[Reason, ...],
) -> tuple[Reason, ...]:  # fmt: skip
    """Return the reasons of one applicant, the strongest that holds against the model first.

    Args:
        live: The product.
        one: The applicant, one row of every feature, at the amount that was scored.
        reference: Whom the applicant is compared with.
        weighed: Everything weighed.
        reasons: The principal reasons, the strongest first.

    Returns:
        The same reasons; in their own order where none holds.
    """
    if not reasons:
        return reasons
    own = float(live.model.margin(one)[0]) + ROUNDING
    members = {effect.text: effect.features for effect in weighed}
    for place, reason in enumerate(reasons):
        if float(log_odds_at_reference(live, one, reference, members[reason.text])[0]) <= own:
            return (reason, *reasons[:place], *reasons[place + 1 :])
    return reasons
