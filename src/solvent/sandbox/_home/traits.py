"""What nobody sees of a client, and what all tables show a little of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.sandbox._block import BLOCK, Bools, Floats, Ints

MONTHS = 97
"""Months before the application that are simulated, the present one included."""
MONTH_DAYS = 30.4375

_PERSISTENCE = 0.90  # of the monthly strain: half of a bad patch is gone in seven months
_NO_BUREAU = 0.14  # share of clients of whom the bureau has no file
_IN_BALANCES = 0.52  # share of files whose lenders report month by month


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """Latent traits of one block of clients; standard normal, shape (BLOCK,), unless stated.

    Attributes:
        standing: Place in society; education, income and address come from it.
        care: Care with debt: paying ahead, paying at all; higher is safer.
        hunger: Appetite for credit; higher is riskier.
        habit: Leaning to pay late that says nothing of default.
        strain: Trouble with money by month before the application, 0 the present one,
            shape (BLOCK, MONTHS).
        has_file: Whether the bureau has a file on the client.
        in_balances: Whether its lenders report monthly balances, too.
    """

    standing: Floats
    care: Floats
    hunger: Floats
    habit: Floats
    strain: Floats
    has_file: Bools
    in_balances: Bools


def draw_traits(rng: np.random.Generator) -> Traits:
    """Draw the traits of one block of clients."""
    standing, care, hunger, habit = rng.standard_normal((4, BLOCK))
    strain = rng.standard_normal((BLOCK, MONTHS))
    fresh = np.sqrt(1.0 - _PERSISTENCE**2)
    for month in range(1, MONTHS):
        strain[:, month] = _PERSISTENCE * strain[:, month - 1] + fresh * strain[:, month]
    has_file = rng.random(BLOCK) >= _NO_BUREAU
    return Traits(
        standing=standing,
        care=care,
        hunger=hunger,
        habit=habit,
        strain=strain,
        has_file=has_file,
        in_balances=has_file & (rng.random(BLOCK) < _IN_BALANCES),
    )


def strain_at(traits: Traits, owner: Ints, day: Ints) -> Floats:
    """The strain of clients on days before the application (negative)."""
    month = np.clip(-day // MONTH_DAYS, 0, MONTHS - 1).astype(np.int64)
    found: Floats = traits.strain[owner, month]
    return found
