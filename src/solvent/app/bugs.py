"""What is said of an error nobody expected."""

from __future__ import annotations

import logging
import traceback


def log_bug(told: logging.Logger, error: Exception) -> None:
    """Log the kind of an error and where it was raised; its own words may hold a person's values.

    Args:
        told: Where to.
        error: What nobody expected.
    """
    where = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    told.error("a bug in solvent: %s\n%s", type(error).__name__, where)
