"""The chapter on protected groups: who is approved, whether PDs hold, what gives a group away."""

from __future__ import annotations

from solvent.metrics import AucInterval, RateRatio
from solvent.report.fairness_record import (
    LEVEL,
    PROXY_AUC,
    Attribute,
    Fairness,
    Group,
    Proxy,
)
from solvent.report.figures import (
    NONE,
    confidence,
    count,
    decimal,
    decimal_range,
    joined,
    percent,
    percent_range,
)
from solvent.report.page import Cell, Chart, Column, Mark, Section, Table, Tone
from solvent.report.training import TrainingRecord

MOST_PROXIES, MOST_NAMED = 5, 3
MOVED = "Mean PDs are those before the move to the central tendency."


def fairness(record: TrainingRecord) -> Section | None:
    """How protected groups fare; None where no attribute is protected."""
    found = record.fairness
    if found is None:
        return None
    measured = [attribute for attribute in found.attributes if attribute.groups]
    moved = "" if record.calibration.central is None else MOVED
    tables = [table for attribute in measured for table in _tables(attribute, moved)]
    return Section(
        anchor="fairness",
        heading="How protected groups fare",
        lead=(*((opening(found),) if measured else ()), *_leads(found), _proxy_words(found)),
        charts=_charts(measured),
        tables=tuple(tables),
        reading=_reading(found) if measured else (),
    )


def _reading(found: Fairness) -> tuple[tuple[str, str], ...]:
    fifths = (
        "a ratio below 0.80 is the usual sign to look closer: a convention of employment law, no "
        "proof of unfairness below it and none of fairness above"
    )
    approved = f"share of the group with a PD below {percent(found.cutoff)}. {found.cutoff_words}"
    proxy = (
        f"a feature that tells the attribute with an AUC of {PROXY_AUC:.2f} or more; 0.50 is blind"
    )
    held = "a group whose bad rate lies above its mean PD is judged too mildly, below too harshly"
    return (
        ("Approved", approved),
        ("Ratio", "approval rate over that of the group most often approved"),
        ("Four fifths", fifths),
        ("Calibration", held),
        ("Proxy", proxy),
        (
            "Ranges",
            "95 % intervals: Wilson for rates, Koopman for ratios, DeLong by customer for AUCs",
        ),
    )


def opening(found: Fairness) -> str:
    """Return in one sentence whether a group is approved much less often than another."""
    below, doubt = found.below(), _in_doubt(found)
    if below:
        named = joined([_named(attribute, group) for attribute, group in below])
        return (
            f"At a cutoff of {percent(found.cutoff)}, {named}: below four fifths, with the whole "
            f"{confidence(LEVEL)} interval below."
        )
    if doubt:
        named = joined([_named(attribute, group) for attribute, group in doubt])
        return (
            f"At a cutoff of {percent(found.cutoff)}, {named}: below four fifths, though the "
            f"{confidence(LEVEL)} interval reaches it."
        )
    return (
        f"At a cutoff of {percent(found.cutoff)} no group large enough to tell is approved less "
        "than four fifths as often as the group most often approved."
    )


def _in_doubt(found: Fairness) -> list[tuple[Attribute, Group]]:
    return [(a, g) for a in found.attributes for g in a.groups if g.in_doubt and not g.few]


def _named(attribute: Attribute, group: Group) -> str:
    ratio = 0.0 if group.ratio is None else group.ratio.ratio
    best = "" if attribute.best is None else attribute.best.label
    return (
        f"“{group.label}” ({attribute.title}) is approved {decimal(ratio, 2)} times as often as "
        f"“{best}”"
    )


def _leads(found: Fairness) -> tuple[str, ...]:
    """Say where PDs are wrong for a group, which groups are too small, what was not measured."""
    groups = [(a, g) for a in found.attributes for g in a.groups]
    off = [
        f"“{g.label}” ({a.title}): mean PD {percent(g.calibration.mean_pd)}, bad rate "
        f"{percent(g.calibration.bad_rate)}"
        for a, g in groups
        if _off(g)
    ]
    words = []
    if off:
        words.append(f"The PDs are wrong for {joined(off)}, beyond chance over all groups.")
    elif groups:
        words.append(
            "For no group does the bad rate differ from its PDs by more than chance explains."
        )
    few = [f"“{g.label}” ({a.title}, {count(g.n)})" for a, g in groups if g.few]
    if few:
        words.append(f"Too small to say much: {joined(few)}.")
    words += [f"{a.title} is not measured: {a.why_not}." for a in found.attributes if a.why_not]
    return tuple(words)


def _proxy_words(found: Fairness) -> str:
    told = [_told(attribute) for attribute in found.attributes if attribute.together is not None]
    words = "No model is given a protected attribute."
    return f"{words} Together its features tell {joined(told)}." if told else words


def _told(attribute: Attribute) -> str:
    """Return how well the model's features tell an attribute, and which of them are proxies."""
    auc = NONE if attribute.together is None else decimal(attribute.together.auc)
    strong = [proxy for proxy in attribute.proxies if proxy.strong]
    named = joined([f"“{proxy.title}”" for proxy in strong[:MOST_NAMED]])
    if len(strong) > MOST_NAMED:
        named += f" and {len(strong) - MOST_NAMED} more"
    words = f"{attribute.title} with an AUC of {auc} ("
    if not strong:
        return f"{words}none alone is a proxy)"
    kind = "proxies" if len(strong) > 1 else "proxy"
    return f"{words}{kind}: {named}, with {percent(attribute.leans)} of the importance)"


def _charts(measured: list[Attribute]) -> tuple[Chart, ...]:
    from solvent.report.fairness_charts import approvals, calibrations

    if not any(group.ratio is not None for a in measured for group in a.groups):
        return ()
    below = any(group.below for a in measured for group in a.groups)
    return (
        Chart(
            name="approval-chart",
            title="Approval ratio by group",
            sentence="Against the group of the attribute most often approved, which stands at 1.",
            keys=(
                (Mark.ACCENT, f"Ratio, {confidence(LEVEL)} interval"),
                *(((Mark.WARN, "Wholly below four fifths"),) if below else ()),
                (Mark.DASHED, "Four fifths"),
            ),
            spec=approvals(measured),
        ),
        Chart(
            name="group-calibration-chart",
            title="Mean PD and bad rate by group",
            sentence="Where the interval misses the mean PD, the group may be misjudged.",
            keys=(
                (Mark.ACCENT, f"Bad rate, {confidence(LEVEL)} interval"),
                (Mark.INK, "Mean PD"),
            ),
            spec=calibrations(measured),
        ),
    )


def _tables(attribute: Attribute, moved: str) -> tuple[Table, ...]:
    return _groups(attribute, moved), *((_proxies(attribute),) if attribute.proxies else ())


def _groups(attribute: Attribute, moved: str) -> Table:
    best = attribute.best
    return Table(
        title=f"Groups by {attribute.title}",
        columns=(
            Column(title="Group", width=20),
            Column(title="Applications", numeric=True, width=14),
            Column(title="Approved", numeric=True),
            Column(title="Ratio", numeric=True),
            Column(title="Mean PD", numeric=True),
            Column(title="Bad rate", numeric=True),
            Column(title="AUC", numeric=True),
            Column(title="", width=15),
        ),
        rows=tuple(_row(group, is_best=group is best) for group in attribute.groups),
        note=moved,
    )


def _row(group: Group, *, is_best: bool) -> tuple[Cell, ...]:
    """Return a group's figures; of one so small that they could point at somebody, its size."""
    size = Cell(text=count(group.n), small=percent(group.share))
    if group.few:
        return (Cell(text=group.label), size, *[Cell(text=NONE)] * 5, _verdict(group))
    return (
        Cell(text=group.label),
        size,
        Cell(text=percent(group.approval), small=percent_range(group.low, group.high)),
        _ratio(group.ratio, is_best=is_best),
        Cell(text=percent(group.calibration.mean_pd)),
        Cell(
            text=percent(group.calibration.bad_rate),
            small=percent_range(group.calibration.low, group.calibration.high),
        ),
        _auc(group.auc),
        _verdict(group),
    )


def _ratio(ratio: RateRatio | None, *, is_best: bool) -> Cell:
    if ratio is None:
        return Cell(text="1.00" if is_best else NONE, small="reference" if is_best else "")
    return Cell(text=decimal(ratio.ratio, 2), small=decimal_range(ratio.low, ratio.high, 2))


def _auc(found: AucInterval | None) -> Cell:
    if found is None:
        return Cell(text=NONE, small="too few")
    return Cell(text=decimal(found.auc), small=decimal_range(found.low, found.high))


def _off(group: Group) -> bool:
    p_value = None if group.few else group.calibration_p
    return p_value is not None and p_value < 1.0 - LEVEL


def _verdict(group: Group) -> Cell:
    if group.few:
        return Cell(text="too small")
    if group.below:
        return Cell(text="Below 4/5", tone=Tone.WARN)
    if _off(group):
        high = group.calibration.mean_pd > group.calibration.bad_rate
        return Cell(text="PDs too high" if high else "PDs too low", tone=Tone.WARN)
    if group.in_doubt:
        return Cell(text="4/5 in doubt", tone=Tone.WARN)
    return Cell(text="")


def _proxies(attribute: Attribute) -> Table:
    shown = attribute.proxies[:MOST_PROXIES]
    together = attribute.together
    return Table(
        title=f"What tells {attribute.title}",
        columns=(
            Column(title="Feature", width=46),
            Column(title="AUC alone", width=20),
            Column(title="Importance to the model", width=22),
            Column(title=""),
        ),
        rows=tuple(_proxy(proxy) for proxy in shown),
        note=""
        if together is None
        else f"All features together: AUC {decimal(together.auc)} "
        f"({decimal_range(together.low, together.high)}), out of fold. Over several groups an AUC "
        "is the mean of each against the rest.",
        folded=not any(proxy.strong for proxy in attribute.proxies),
    )


def _proxy(proxy: Proxy) -> tuple[Cell, ...]:
    return (
        Cell(text=proxy.title, small=proxy.name, code=True),
        Cell(text=decimal(proxy.auc), bar=max(0.0, 2.0 * proxy.auc - 1.0)),
        Cell(text=percent(proxy.importance), bar=proxy.importance),
        Cell(text="Proxy", tone=Tone.WARN) if proxy.strong else Cell(text=""),
    )
