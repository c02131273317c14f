"""What is told of a technique that failed: why, and where in whose file."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb
from typing import Final

from solvent.errors import SolventError

FAULT: Final = "a fault of the technique's file"


def failure_words(error: Exception) -> tuple[str, str]:
    """Return why a technique failed, and what can be done about it; the second may be empty.

    Of an error that is not solvent's own the words are left out, for they may hold a person's
    data: its class and the line that raised it say what to mend.

    Args:
        error: What it raised.

    >>> failure_words(SolventError("is infinite", field="income", hint="mend it"))
    ('income: is infinite', 'mend it')
    """
    if isinstance(error, SolventError):
        where = f"{error.field}: " if error.field else ""
        return f"{where}{error.message}", error.hint
    raised = extract_tb(error.__traceback__)
    at = f" in {Path(raised[-1].filename).name}, line {raised[-1].lineno}," if raised else ""
    return f"{type(error).__name__}{at} while it learnt", FAULT
