"""The chapters on what drives repayment: drivers, themes, and what could be done with them."""

from __future__ import annotations

from collections.abc import Mapping

from solvent.report import study_charts as charts
from solvent.report.figures import count, counted, decimal, decimal_range, percent
from solvent.report.page import Cell, Chart, Column, Mark, Section, Table
from solvent.report.study_record import StudyLine, StudyRecord, ThemeLine
from solvent.report.study_suspects import HELD_TONES
from solvent.report.study_words import course, extremes, heading, sentence

SHOWN = 10
NOISE = (
    "No feature tells more than chance, so these figures are most likely noise: an interval that "
    "holds 0.50 says nothing."
)
NOTHING_YET = (
    "Nothing yet: turn nobody away by what stands here. Collect more outcomes, or bring other "
    "data, and make the study again."
)
LITTLE = 0.002
"""A difference of AUC nobody would notice."""


def drivers(record: StudyRecord) -> Section:
    """What drives repayment, as sentences."""
    lines = record.drivers[:SHOWN]
    if not lines:
        return Section(
            anchor="drivers",
            heading="What drives repayment",
            lead=(
                (
                    "Nothing that was looked at tells good from bad better than chance. More "
                    "applications, or other data, are needed before a driver can be named."
                ),
            ),
        )
    return Section(
        anchor="drivers",
        heading="What drives repayment",
        lead=(
            (
                f"{counted(len(record.drivers), 'driver')} of repayment: the strongest feature "
                "first, then each time the one that adds most to those above it. What says the "
                "same as one of them is left out here; it stands in the ranking."
            ),
        ),
        charts=(_dumbbells(lines, record),),
        tables=(_sentences(lines),),
        reading=(
            (
                "Held",
                (
                    "learnt on the training side, it also told good from bad on the test side, "
                    "which is made of other customers"
                ),
            ),
            (
                "Weaker",
                "it told good from bad there as well, but less than chance explains",
            ),
            ("Not confirmed", "the test side is too small, or the finding does not hold there"),
        ),
    )


def themes(record: StudyRecord) -> Section:
    """How much each theme tells alone, and what it adds to the others."""
    told = record.themes
    return Section(
        anchor="themes",
        heading="How much each theme tells",
        lead=_theme_words(told) if record.drivers else (NOISE,),
        charts=(
            Chart(
                name="themes-alone",
                title="Each theme on its own",
                sentence=f"0.50 is blind. All themes together reach "
                f"{decimal(record.together.auc)}.",
                keys=(
                    (Mark.ACCENT, "AUC of a quick model of this theme, with interval"),
                    (Mark.DASHED, "all themes together"),
                ),
                spec=charts.themes(told, record.together.auc),
            ),
            *_gain_chart(told),
        ),
        tables=(_theme_table(told, {line.name: heading(line) for line in record.lines}),),
        reading=(
            (
                "AUC",
                (
                    "how often, of a bad and a good application, the bad one is called riskier: "
                    "0.50 is a coin, 1.00 never errs"
                ),
            ),
            (
                "Adds",
                (
                    "how much worse all themes would rank without this one; little where others "
                    "tell the same"
                ),
            ),
        ),
    )


def uses(record: StudyRecord) -> Section:
    """What a lender could do with the findings."""
    if not record.drivers:
        return Section(anchor="uses", heading="What a lender could do with it", lead=(NOTHING_YET,))
    short, _ = record.short
    lost = record.together.auc - short.auc
    return Section(
        anchor="uses",
        heading="What a lender could do with it",
        lead=(
            (
                f"Start small. {_first(record)} alone reach an AUC of {decimal(short.auc)}, "
                f"{_against(lost)} all {count(len(record.lines))} features together. That is a "
                "score a person can read, and fewer data to keep."
            ),
            *_dispensable(record.themes),
            (
                "Use the drivers to set who is asked for what and how much is lent first, and "
                "test it on a random part of the applicants before it becomes the rule: who "
                "repays well today was chosen by today’s rules."
            ),
        ),
        tables=(_cuts(record),),
    )


def _first(record: StudyRecord) -> str:
    names = record.short[1]
    some = "first " if len(record.drivers) > len(names) else ""
    return f"The {some}{counted(len(names), 'driver')} above"


def _against(lost: float) -> str:
    if abs(lost) < LITTLE:
        return "as good as"
    return f"{decimal(abs(lost))} {'less' if lost > 0 else 'more'} than"


def _dumbbells(lines: tuple[StudyLine, ...], record: StudyRecord) -> Chart:
    first = lines[0]
    found = extremes(first)
    words = ""
    if found is not None and found[0].n and found[0].bad_rate > 0.0:
        words = (
            f" For the strongest the bad rate is {found[1].bad_rate / found[0].bad_rate:.1f} times "
            "as high at one end as at the other."
        )
    return Chart(
        name="drivers-chart",
        title="Bad rate at the two ends of each driver",
        sentence=f"The further apart the two points, the more a driver tells.{words}",
        keys=(
            (Mark.ACCENT, "safest group"),
            (Mark.WARN, "riskiest group"),
            (Mark.DASHED, f"all applications, {percent(record.bad_rate)}"),
        ),
        spec=charts.drivers(lines, record.bad_rate),
        wide=True,
    )


def _sentences(lines: tuple[StudyLine, ...]) -> Table:
    return Table(
        title="In words",
        columns=(
            Column(title="Driver", width=31),
            Column(title="What was seen"),
            Column(title="On other customers", width=16),
        ),
        rows=tuple(
            (
                Cell(text=heading(line), small=line.theme),
                Cell(text=sentence(line), small=course(line)),
                Cell(
                    text=str(line.held),
                    tone=HELD_TONES[line.held],
                    small=""
                    if line.auc_test is None
                    else f"AUC {decimal_range(line.auc_test.low, line.auc_test.high, 2)}",
                ),
            )
            for line in lines
        ),
    )


def _theme_words(told: tuple[ThemeLine, ...]) -> tuple[str, ...]:
    first = told[0]
    words = [
        (
            "A theme is a source of data, or a question about the customer. On its own "
            f"“{first.title}” tells most: an AUC of {decimal(first.alone.auc)}, with 95 % "
            f"confidence between {decimal(first.alone.low)} and {decimal(first.alone.high)}."
        )
    ]
    adding = [line for line in told if line.adds is not None and line.adds.low > 0.0]
    if adding:
        best = max(adding, key=lambda line: line.adds.difference if line.adds else 0.0)
        gain = best.adds.difference if best.adds else 0.0
        words.append(
            f"Nothing replaces “{best.title}”: without it all the others lose {decimal(gain)} of "
            f"AUC. {counted(len(adding), 'theme')} of {count(len(told))} "
            f"{'adds' if len(adding) == 1 else 'add'} something that no other tells."
        )
    elif len(told) > 1:
        words.append("No theme adds anything that the others together do not tell already.")
    return tuple(words)


def _gain_chart(told: tuple[ThemeLine, ...]) -> tuple[Chart, ...]:
    if not any(line.adds is not None for line in told):
        return ()
    return (
        Chart(
            name="themes-adds",
            title="What each theme adds to all others",
            sentence="An interval that reaches 0 leaves open whether it adds anything.",
            keys=((Mark.ACCENT, "AUC of all, less AUC of all but this theme"),),
            spec=charts.theme_gains(told),
        ),
    )


def _theme_table(told: tuple[ThemeLine, ...], titles: Mapping[str, str]) -> Table:
    return Table(
        title="Themes in figures",
        columns=(
            Column(title="Theme", width=25),
            Column(title="Features", numeric=True, width=9),
            Column(title="AUC alone", numeric=True, width=13),
            Column(title="Adds to all others", numeric=True, width=17),
            Column(title="Its strongest feature"),
        ),
        rows=tuple(
            (
                Cell(text=line.title),
                Cell(text=count(len(line.features))),
                Cell(
                    text=decimal(line.alone.auc),
                    small=decimal_range(line.alone.low, line.alone.high),
                ),
                Cell(
                    text=decimal(None if line.adds is None else line.adds.difference),
                    small="" if line.adds is None else decimal_range(line.adds.low, line.adds.high),
                ),
                Cell(text=titles[line.features[0]], small=line.features[0], code=True),
            )
            for line in told
        ),
    )


def _dispensable(told: tuple[ThemeLine, ...]) -> tuple[str, ...]:
    spare = [
        line.title
        for line in told
        if line.adds is not None and line.adds.high < 0.005 and line.adds.low <= 0.0
    ]
    if not spare or len(spare) == len(told):
        return ()
    listed = ", ".join(f"“{title}”" for title in spare)
    return (
        (
            "Some data may not be worth their price for this purpose: leaving out any one of "
            f"{listed} costs at most 0.005 of AUC."
        ),
    )


def _cuts(record: StudyRecord) -> Table:
    return Table(
        title="What turning away the riskiest would have done",
        columns=(
            Column(title="Turned away", width=22),
            Column(title="Applications", numeric=True, width=16),
            Column(title="Their bad rate", numeric=True, width=18),
            Column(title="Bads caught", numeric=True, width=18),
            Column(title="Bad rate of the rest", numeric=True),
        ),
        rows=tuple(
            (
                Cell(text=f"riskiest {percent(cut.share).replace('.0', '')}"),
                Cell(text=count(cut.n)),
                Cell(text=percent(cut.bad_rate)),
                Cell(text=percent(cut.caught)),
                Cell(
                    text=percent(cut.left),
                    small=f"now {percent(record.bad_rate)}",
                ),
            )
            for cut in record.cuts
        ),
        note="By a quick model of all features on the training side; every application is rated by "
        "trees that had not seen its customer. solvent train makes the model for decisions.",
    )
