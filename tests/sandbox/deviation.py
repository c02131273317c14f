"""How far outcomes may be from the probabilities they were drawn from."""

from __future__ import annotations

import numpy as np


def deviation(pd: np.ndarray, bad: np.ndarray) -> float:
    """How many standard errors the bads are from the sum of their true PDs."""
    return float((bad.sum() - pd.sum()) / np.sqrt((pd * (1.0 - pd)).sum()))
