"""Twenty-four accounts under two models, measured by several independent implementations."""

from __future__ import annotations

import numpy as np

BAD = np.array(
    [
        True,
        False,
        False,
        True,
        False,
        False,
        False,
        True,
        False,
        False,
        True,
        False,
        False,
        False,
        False,
        True,
        False,
        False,
        False,
        False,
        True,
        False,
        False,
        False,
    ]
)
PD_A = np.array(
    [
        0.62,
        0.1,
        0.22,
        0.35,
        0.18,
        0.07,
        0.31,
        0.55,
        0.12,
        0.41,
        0.28,
        0.05,
        0.15,
        0.33,
        0.09,
        0.71,
        0.26,
        0.14,
        0.38,
        0.03,
        0.44,
        0.2,
        0.11,
        0.29,
    ]
)
PD_B = np.array(
    [
        0.5,
        0.21,
        0.18,
        0.22,
        0.3,
        0.12,
        0.28,
        0.61,
        0.19,
        0.25,
        0.4,
        0.08,
        0.27,
        0.16,
        0.1,
        0.48,
        0.33,
        0.09,
        0.45,
        0.06,
        0.24,
        0.31,
        0.13,
        0.17,
    ]
)
