"""The words of the kernel's tables: kinds of accumulators, finalisers, columns."""

from __future__ import annotations

# Accumulators: how rows are walked.
(
    COUNT,
    EXACT,
    FLOAT,
    DISTINCT,
    LAST_EXACT,
    LAST_FLOAT,
    SHARE,
    NEWEST,
    OLDEST,
    ROW_EXACT,
    ROW_FLOAT,
    FIRST_EXACT,
    FIRST_FLOAT,
    LEVELS,
    TREND_EXACT,
    TREND_FLOAT,
    QUANTILE_EXACT,
    QUANTILE_FLOAT,
    GAPS,
    STREAK,
    STEPS,
) = range(21)
# Finalisers: what the state becomes.
(
    AS_COUNT,
    AS_SUM,
    AS_MEAN,
    AS_STD,
    AS_MIN,
    AS_MAX,
    AS_VALUE,
    AS_AGE,
    AS_MODE,
    AS_ENTROPY,
    AS_SESSIONS,
) = range(11)
# Columns of the accumulator table.
(KIND, VALUE, WHERE, VALUE_KNOWN, WHERE_KNOWN, MOST, GAP, FIRST_OUT, END_OUT) = (
    0, 1, 2, 3, 6, 9, 10, 11, 12,
)  # fmt: skip
ACCUMULATOR_WIDTH = 13
MAX_KNOWN = 3
# Columns of the output table, and of the numbers beside it.
WINDOW, FINALISER, TARGET = 0, 1, 2
DIVISOR, QUANTILE = 0, 1

NULL = -(2**63)
NEVER = 2**63 - 1
DAY = 86_400_000_000.0
