"""Log loss: the mean surprise at what happened."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_accounts

CLIP: Final = 1e-15


def log_loss(pd: ArrayLike, bad: ArrayLike) -> float:
    """Mean negative log-likelihood of what happened, in nats.

    One certain and wrong PD (0 for a bad, 1 for a good) would make the figure infinite. By
    definition here a PD is first brought into [1e-15, 1 - 1e-15], so such an account costs 34.5
    nats: much, but comparable between models.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); one class is enough.

    Returns:
        Log loss >= 0, lower is better.

    Raises:
        ShapeError, RangeError: as `check_accounts`.

    Source: Good (1952); tests compare with scikit-learn.

    >>> round(log_loss(np.array([0.5, 0.25]), np.array([True, False])), 6)
    0.490415
    """
    pds, bads = check_accounts(pd, bad)
    likelihood = np.clip(np.where(bads, pds, 1.0 - pds), CLIP, 1.0 - CLIP)
    return -float(np.mean(np.log(likelihood)))
