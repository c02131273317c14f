"""The walk: applicants decided one after the other, and the money as it comes in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from solvent.domain import Verdict
from solvent.errors import RangeError, ShapeError
from solvent.metrics.accounts import BoolArray, FloatArray, IntArray, check_accounts, check_count
from solvent.policy import Worth
from solvent.simulate.cases import cases, in_major, in_whole
from solvent.simulate.compare import Comparison, compare

STEPS = 400

TextArray = NDArray[np.str_]


class Referred(StrEnum):
    """What a person is assumed to decide about applications referred to one."""

    DECLINED = "declined"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decided:
    """Applications with their verdicts and outcomes, shape (n,) each.

    Attributes:
        verdict: "approve", "refer" or "decline", as `Verdict` spells them.
        pd: Probability of default in [0, 1].
        bad: True where the application met the bad definition.
        worth: Money by verdict and outcome, in major units.
        as_of: Instant of each application, int64 UTC microseconds; None where no times are
            declared: the rows are then taken in the order they stand in.
        asked: Amount asked for, in major units, NaN where not known; None where nothing is asked.

    Raises:
        ShapeError: no application, not one-dimensional, or of different lengths.
        RangeError: an unknown verdict, a PD outside [0, 1], or `bad` not boolean.
    """

    verdict: TextArray
    pd: FloatArray
    bad: BoolArray
    worth: Worth
    as_of: IntArray | None = None
    asked: FloatArray | None = None

    def __post_init__(self) -> None:
        check_accounts(self.pd, self.bad)
        arrays = {"verdict": self.verdict, "as_of": self.as_of, "asked": self.asked}
        sizes = {name: array.size for name, array in arrays.items() if array is not None}
        for name, size in {**sizes, "worth": len(self.worth)}.items():
            if size != self.pd.size:
                raise ShapeError(
                    f"has {size:,} values where pd has {self.pd.size:,}",
                    hint="pass arrays over the same applications in the same order",
                    field=name,
                )
        unknown = ~np.isin(self.verdict, [each.value for each in Verdict])
        if unknown.any():
            raise RangeError(
                f"{int(unknown.sum()):,} of {unknown.size:,} values are no verdict",
                hint="a verdict is " + ", ".join(each.value for each in Verdict),
                field="verdict",
            )

    def __len__(self) -> int:
        return self.pd.size

    def given(self, verdict: Verdict) -> BoolArray:
        """Who was given a verdict, shape (n,)."""
        found: BoolArray = np.asarray(self.verdict) == verdict.value
        return found

    def approved(self, referred: Referred = Referred.DECLINED) -> BoolArray:
        """Who is lent to, shape (n,), under an assumption about those referred."""
        lent = self.given(Verdict.APPROVE)
        return lent | self.given(Verdict.REFER) if referred is Referred.APPROVED else lent


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Money made so far, in major units.

    Attributes:
        n: Applications decided so far.
        as_of: Instant of the latest of them, int UTC microseconds; None before the first, or
            where no times are declared.
        policy: By the policy's verdicts.
        approve_all: By approving everybody.
        perfect: By perfect foresight.
    """

    n: int
    as_of: int | None
    policy: float
    approve_all: float
    perfect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month of applications.

    Attributes:
        month: "2024-04", in UTC.
        n: Applications.
        approved: Applications lent to.
        referred: Applications referred to a person.
        bad_rate: Share of bads among those lent to, in [0, 1]; None where nobody is.
        asked: Sum of the amounts asked for where known, in major units; None where nothing is.
        lent: Sum of the amounts lent, in major units.
        policy, approve_all, perfect: Money made in the month, in major units.
    """

    month: str
    n: int
    approved: int
    referred: int
    bad_rate: float | None
    asked: float | None
    lent: float
    policy: float
    approve_all: float
    perfect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What came of deciding applicants one after the other.

    Attributes:
        total: The money of the whole walk.
        steps: Money so far, thinned; the start and the end always in it, the end equal to `total`.
        months: By month; empty where no times are declared.
        approved: Verdicts to approve.
        referred: Verdicts to refer.
        declined: Verdicts to decline.
        referred_as: What is assumed of those referred.
        lowest: The least money the policy had made at any moment, in major units, at most 0.
        lowest_after: Applications decided at that moment.
    """

    total: Comparison
    steps: tuple[Step, ...]
    months: tuple[Month, ...]
    approved: int
    referred: int
    declined: int
    referred_as: Referred
    lowest: float
    lowest_after: int

    @property
    def words(self) -> str:
        """What is assumed of those referred, in a sentence; empty where nobody is."""
        if not self.referred:
            return ""
        if self.referred_as is Referred.APPROVED:
            return f"Referred applications ({self.referred:,}) are counted as approved by a person."
        return (
            f"Referred applications ({self.referred:,}) are counted as declined: no money is made "
            "with them."
        )


def walk(
    decided: Decided, *, referred: Referred | str = Referred.DECLINED, steps: int = STEPS
) -> Walk:
    """Walk through decided applications in the order of time.

    Applications of one instant keep the order of their rows. Running money is added in whole steps
    (see `cases.in_whole`), so the end is the total whatever the order.

    Args:
        decided: The applications.
        referred: What a person is assumed to decide about those referred.
        steps: Most steps returned, >= 2.

    Raises:
        RangeError: `referred` is neither "declined" nor "approved", `steps` is below 2, or money is
            not finite.

    Source: tests compare with a loop over the applications.

    >>> from solvent.policy import CostMatrix, worth
    >>> three = Decided(
    ...     verdict=np.array(["approve", "refer", "decline"]),
    ...     pd=np.array([0.1, 0.2, 0.4]),
    ...     bad=np.array([False, False, True]),
    ...     worth=worth(CostMatrix(good_approved=10, bad_approved=-50), {}, 3),
    ... )
    >>> [(step.policy, step.approve_all, step.perfect) for step in walk(three).steps]
    [(0.0, 0.0, 0.0), (10.0, 10.0, 10.0), (10.0, 20.0, 20.0), (10.0, -30.0, 20.0)]
    >>> walk(three, referred="approved").total.policy
    20.0
    """
    most = check_count(steps, "steps", least=2)
    assumed = _assumption(referred)
    order = _in_time(decided)
    lent = decided.approved(assumed)
    found = cases(decided.worth, decided.bad)
    either = (found.if_approved, found.if_declined)
    ways = (np.where(lent, *either), found.if_approved, np.maximum(*either))
    whole, exponent = in_whole(*ways)
    running = [in_major(np.append(0, np.cumsum(each[order])), exponent) for each in whole]
    lowest = int(np.argmin(running[0]))
    return Walk(
        total=compare(decided.worth, decided.bad, lent),
        steps=_steps(decided, order, running, most),
        months=_months(decided, order, lent, ways),
        approved=int(decided.given(Verdict.APPROVE).sum()),
        referred=int(decided.given(Verdict.REFER).sum()),
        declined=int(decided.given(Verdict.DECLINE).sum()),
        referred_as=assumed,
        lowest=float(running[0][lowest]),
        lowest_after=lowest,
    )


def _in_time(decided: Decided) -> IntArray:
    if decided.as_of is None:
        return np.arange(len(decided))
    return np.argsort(decided.as_of, kind="stable")


def _assumption(referred: Referred | str) -> Referred:
    try:
        return Referred(referred)
    except ValueError as error:
        raise RangeError(
            f"must be declined or approved, found {referred!r}",
            hint="say what a person is assumed to decide",
            field="referred",
        ) from error


def _steps(
    decided: Decided, order: IntArray, running: list[FloatArray], most: int
) -> tuple[Step, ...]:
    n = len(decided)
    kept = np.unique(np.rint(np.linspace(0.0, n, min(most, n + 1))).astype(np.int64)).tolist()
    times: list[int | None] = [None] * len(kept)
    if decided.as_of is not None:
        times[1:] = [int(decided.as_of[order[number - 1]]) for number in kept[1:]]
    policy, approve_all, perfect = (each[kept].tolist() for each in running)
    return tuple(
        Step(n=number, as_of=as_of, policy=a, approve_all=b, perfect=c)
        for number, as_of, a, b, c in zip(kept, times, policy, approve_all, perfect, strict=True)
    )


def _months(
    decided: Decided,
    order: IntArray,
    lent: BoolArray,
    ways: tuple[FloatArray, FloatArray, FloatArray],
) -> tuple[Month, ...]:
    if decided.as_of is None:
        return ()
    months = decided.as_of[order].astype("datetime64[us]").astype("datetime64[M]")
    starts = np.flatnonzero(months[1:] != months[:-1]) + 1
    referred = decided.given(Verdict.REFER)
    found = []
    for month, rows in zip(months[np.append(0, starts)], np.split(order, starts), strict=True):
        loans = rows[lent[rows]]
        policy, approve_all, perfect = (math.fsum(each[rows].tolist()) for each in ways)
        found.append(
            Month(
                month=str(month),
                n=rows.size,
                approved=loans.size,
                referred=int(referred[rows].sum()),
                bad_rate=int(decided.bad[loans].sum()) / loans.size if loans.size else None,
                asked=None if decided.asked is None else _known(decided.asked[rows]),
                lent=math.fsum(decided.worth.amount[loans].tolist()),
                policy=policy,
                approve_all=approve_all,
                perfect=perfect,
            )
        )
    return tuple(found)


def _known(amounts: FloatArray) -> float:
    return math.fsum(amounts[~np.isnan(amounts)].tolist())
