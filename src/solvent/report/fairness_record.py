"""What a report says of protected groups and of calibration by segment: plain values."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.metrics import AucInterval, RateRatio, SegmentCalibration
from solvent.models.calibration import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class CentralTendency:
    """A stated mean PD, and what the PDs were before.

    Attributes:
        stated: The mean PD wanted over the training applications, in (0, 1).
        before: Their mean PD as outcomes say, in (0, 1).
        shift: Log-odds added to every PD.
    """

    stated: float
    before: float
    shift: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCheck:
    """One segment's calibration.

    Attributes:
        by: What the segments are of: "Band of PD", "Month", a feature's title.
        found: Mean PD against bad rate, before any shift to a central tendency.
        p_value: Adjusted for all segments read together (Holm); None where too few bads tell.
    """

    by: str
    found: SegmentCalibration
    p_value: float | None

    @property
    def few(self) -> bool:
        """Whether it has so few applications that its figures could point at somebody."""
        return self.found.n < FEWEST_SHOWN

    @property
    def off(self) -> bool:
        """Whether the PDs are wrong here beyond chance, all segments read together."""
        return self.p_value is not None and self.p_value < 1.0 - LEVEL

    @property
    def words(self) -> str:
        """The verdict."""
        if self.p_value is None:
            return "too few to tell"
        if not self.off:
            return "holds"
        return "PDs too low" if self.found.bad_rate > self.found.mean_pd else "PDs too high"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRecord:
    """How the PDs were calibrated, and where they hold.

    Attributes:
        trials: How each kind of calibrator did on held-out folds, the simplest first.
        central: The stated central tendency; None where there is none.
        segments: Checks on the test side.
        links: Of a chain: whom each of its models scores, and the kind that calibrates it.
    """

    trials: tuple[Trial, ...] = ()
    central: CentralTendency | None = None
    segments: tuple[SegmentCheck, ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    @property
    def chosen(self) -> Trial | None:
        """The kind that calibrates the model."""
        return next((trial for trial in self.trials if trial.chosen), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """How one protected group fares on the test side.

    Attributes:
        label: "F", "30 to 39 years", "not stated".
        n: Applications, >= 1.
        share: Of the test, in (0, 1].
        approved: Applications below the cutoff.
        low, high: Wilson interval of the approval rate.
        ratio: Approval rate over that of the group most often approved; None for that group, and
            where nobody is approved.
        calibration: Mean PD against bad rate.
        calibration_p: Adjusted p-value of their difference (Holm, over all groups); None where too
            few bads tell.
        auc: How well the model ranks within the group; None where too few bads or goods tell.
        few: Whether the group is too small for its figures to say much.
    """

    label: str
    n: int
    share: float
    approved: int
    low: float
    high: float
    ratio: RateRatio | None
    calibration: SegmentCalibration
    calibration_p: float | None
    auc: AucInterval | None
    few: bool

    @property
    def approval(self) -> float:
        """Approval rate, in [0, 1]."""
        return self.approved / self.n

    @property
    def below(self) -> bool:
        """Whether its ratio lies below four fifths, beyond chance."""
        return self.ratio is not None and not self.few and self.ratio.high < FOUR_FIFTHS

    @property
    def in_doubt(self) -> bool:
        """Whether its ratio lies below four fifths, which may be chance."""
        ratio = self.ratio
        return ratio is not None and not self.below and ratio.ratio < FOUR_FIFTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """How well one feature of the model tells a protected attribute.

    Attributes:
        name, title: Of the feature.
        auc: Out of fold, in [0, 1]; over several groups the mean of each against the rest.
        importance: How much the model leans on it, in [0, 1].
    """

    name: str
    title: str
    auc: float
    importance: float

    @property
    def strong(self) -> bool:
        """Whether it tells the attribute well enough to be named a proxy."""
        return self.auc >= PROXY_AUC


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One protected attribute.

    Attributes:
        name: Of the column.
        title: As a person would call it.
        groups: In the order of their labels, "not stated" last.
        together: AUC with which all features of the model tell the attribute, out of fold; None
            where no two groups are large enough.
        proxies: Features that tell it, the strongest first.
        why_not: Why nothing is measured; empty where something is.
    """

    name: str
    title: str
    groups: tuple[Group, ...] = ()
    together: AucInterval | None = None
    proxies: tuple[Proxy, ...] = ()
    why_not: str = ""

    @property
    def best(self) -> Group | None:
        """The group others are compared with: most often approved, of those large enough."""
        large = [group for group in self.groups if not group.few]
        return max(large, key=lambda group: group.approval, default=None)

    @property
    def leans(self) -> float:
        """How much the model leans on features that are proxies, in [0, 1]."""
        return min(1.0, sum(proxy.importance for proxy in self.proxies if proxy.strong))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """How protected groups fare.

    Attributes:
        cutoff: Applications with a PD below it count as approved.
        cutoff_words: Where it comes from.
        attributes: In the order declared.
    """

    cutoff: float
    cutoff_words: str
    attributes: tuple[Attribute, ...]

    def below(self) -> tuple[tuple[Attribute, Group], ...]:
        """Return groups whose approval ratio lies below four fifths, beyond chance."""
        return tuple((a, group) for a in self.attributes for group in a.groups if group.below)


LEVEL = 0.95
FEWEST_SHOWN = 30
"""Of a segment of fewer applications a page tells the size alone."""
FOUR_FIFTHS = 0.8
"""A convention of United States employment law (29 CFR 1607.4 D), used elsewhere as a yardstick."""
PROXY_AUC = 0.6
