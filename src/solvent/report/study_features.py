"""The chapters on single features: the ranking, a card each, missing values, what is alike."""

from __future__ import annotations

from collections.abc import Sequence

from solvent.binning import Shape
from solvent.report import study_charts as charts
from solvent.report.figures import (
    MINUS,
    NONE,
    count,
    counted,
    decimal,
    decimal_range,
    percent,
    percent_range,
)
from solvent.report.page import Card, Cell, Chart, Column, Mark, Section, Table
from solvent.report.study_record import FEWEST_SHOWN, StudyBin, StudyLine, StudyRecord
from solvent.report.study_suspects import HELD_TONES, flipped
from solvent.report.study_words import (
    bin_words,
    course,
    direction,
    heading,
    sentence,
    strength,
)

MOST_RANKED = 40
SMALL_CHART, BIN_HEIGHT = 220, 27
_MONOTONE = {Shape.RISES, Shape.FALLS}


def ranking(record: StudyRecord) -> Section:
    """Every feature, strongest first."""
    shown, rest = record.lines[:MOST_RANKED], record.lines[MOST_RANKED:]
    tables = [_ranked("", shown, record, 1)]
    if rest:
        title = f"{counted(len(rest), 'weaker feature')}"
        tables.append(_ranked(title, rest, record, MOST_RANKED + 1, folded=True))
    real = sum(line.real for line in record.lines)
    return Section(
        anchor="ranking",
        heading="All features, ranked",
        lead=(
            (
                f"{count(real)} of {count(len(record.lines))} are stronger than chance explains. "
                "Where so many are looked at, some look strong by luck: the outcomes were shuffled "
                f"between customers {count(record.shuffles)} times, and in 95 % of the shuffles no "
                "feature at all stood out beyond its line of chance. "
                "The order is that of IV, less what each feature reaches in an average shuffle."
            ),
        ),
        tables=tuple(tables),
        reading=_ranking_words(record),
    )


def _ranking_words(record: StudyRecord) -> tuple[tuple[str, str], ...]:
    times = (
        f"range of the AUC over the {record.period_word}s, and how many of them speak the other way"
        if record.period_word
        else "how far the test side's values lie from the training side's"
    )
    return (
        (
            "IV",
            (
                "information value: how differently goods and bads are spread over the feature's "
                "bins; by convention below 0.02 weak, to 0.1 modest, to 0.3 medium, to 0.5 strong, "
                "above suspicious. On few applications IV lies above the truth; its interval does "
                "not, and knows that one customer’s applications are alike"
            ),
        ),
        ("Line of chance", "the IV luck alone does not reach, all features considered"),
        ("AUC alone", "rating each application by the bad rates of other customers in its bin"),
        ("A higher value is", "where the bad rate goes as the value grows"),
        ("Over time", times),
        ("On others", "whether it told good from bad on the test side too, by the same bins"),
        ("In a model", "share of the work in a quick model of all features, range over its folds"),
    )


def _ranked(
    title: str, lines: Sequence[StudyLine], record: StudyRecord, start: int, *, folded: bool = False
) -> Table:
    most = max((line.iv.iv for line in record.lines), default=0.0) or 1.0
    return Table(
        title=title,
        columns=(
            Column(title="", numeric=True, width=3),
            Column(title="Feature", width=24),
            Column(title="IV", width=15),
            Column(title="AUC alone", numeric=True, width=9),
            Column(title="A higher value is", width=10),
            Column(title="Missing", numeric=True, width=9),
            Column(title="Over time", numeric=True, width=10),
            Column(title="In a model", numeric=True, width=8),
            Column(title="On others"),
        ),
        rows=tuple(_ranked_row(number, line, most) for number, line in enumerate(lines, start)),
        folded=folded,
    )


def _ranked_row(number: int, line: StudyLine, most: float) -> tuple[Cell, ...]:
    chance = f"chance {decimal(line.chance_line)}"
    over, small = _over_time(line)
    mean, low, high = line.gain
    return (
        Cell(text=str(number)),
        Cell(text=heading(line), small=line.name, code=True),
        Cell(
            text=decimal(line.iv.iv, 3), bar=min(1.0, line.iv.iv / most),
            small=f"{decimal_range(line.iv.low, line.iv.high)}; {chance}",
        ),
        Cell(text=decimal(line.auc.auc), small=decimal_range(line.auc.low, line.auc.high)),
        Cell(text=direction(line)),
        Cell(text=percent(line.missing)),
        Cell(text=over, small=small),
        Cell(text=percent(mean), small=f"{percent_range(low, high)}"),
        Cell(text=str(line.held), tone=HELD_TONES[line.held])
        if line.real
        else Cell(text="may be chance"),
    )  # fmt: skip


def _over_time(line: StudyLine) -> tuple[str, str]:
    found = [one.auc.auc for one in line.periods if one.auc is not None]
    moved = "" if line.psi is None else f"PSI {decimal(line.psi, 2)}"
    if not found:
        return moved or NONE, ""
    flips = len(flipped(line.periods))
    small = "; ".join(filter(None, (moved, f"{flips} turned" if flips else "")))
    return decimal_range(min(found), max(found), 2), small


def cards(record: StudyRecord) -> Section:
    """A close look at each of the strongest features."""
    lines = record.looked_at
    return Section(
        anchor="cards",
        heading=f"{counted(len(lines), 'feature')} one by one",
        lead=(
            (
                "The drivers first, then the strongest features that no other stands for. Bars "
                "are bad rates of the training side with their 95 % intervals; rings are the test "
                "side. What is not known has a bar of its own. Behind each group stands how many "
                "applications it holds."
            ),
        ),
        cards=tuple(_card(record, line, number) for number, line in enumerate(lines, 1)),
    )


def _card(record: StudyRecord, line: StudyLine, number: int) -> Card:
    height = max(SMALL_CHART, BIN_HEIGHT * len(line.bins) + 50)
    drawn = [
        Chart(
            name=f"bins-{number}",
            title="Bad rate by group",
            sentence=course(line) or "Labels, the most frequent first.",
            keys=(
                (Mark.ACCENT, "bad rate, with interval"),
                (Mark.WARN, "test side"),
                (Mark.DASHED, f"average, {percent(record.bad_rate)}"),
            ),
            spec=charts.bins(line, record.bad_rate, height),
        )
    ]
    if any(one.auc is not None for one in line.periods):
        drawn.append(
            Chart(
                name=f"periods-{number}",
                title=f"Does it last? {record.period_word.capitalize()} by {record.period_word}",
                sentence=_lasting(line, record.period_word),
                keys=((Mark.ACCENT, "AUC alone, with interval"), (Mark.DASHED, "blind")),
                spec=charts.periods(line, record.period_word, height),
            )
        )
    return Card(
        over=f"{number} · {line.theme}", heading=line.title, code=line.name,
        sentence=f"{sentence(line)} {_confirmed(line)}", facts=_facts(line),
        charts=tuple(drawn), table=_bin_table(line),
    )  # fmt: skip


def _lasting(line: StudyLine, word: str) -> str:
    judged = [one.auc for one in line.periods if one.auc is not None]
    clear = sum(each.low > 0.5 for each in judged)
    flips = flipped(line.periods)
    words = f"It tells good from bad clearly in {count(clear)} of {counted(len(judged), word)}"
    if flips:
        return f"{words} and points the other way in {', '.join(flips[:3])}."
    return f"{words}, and never clearly the other way."


def _confirmed(line: StudyLine) -> str:
    if line.auc_test is None:
        return "The test side is too small to confirm it."
    words = {
        "held": "It held on other customers",
        "weaker": "On other customers it was weaker",
        "not confirmed": "Other customers do not confirm it",
        "turned round": "On other customers it points the other way",
    }[str(line.held)]
    return f"{words} (AUC {decimal(line.auc_test.auc)} on the test side)."


def _facts(line: StudyLine) -> tuple[tuple[str, str, str], ...]:
    by_chance = (
        "no feature would by chance"
        if line.as_strong < 0.01
        else f"by chance {line.as_strong:.2g} features would stand out as much"
    )
    mean, low, high = line.gain
    return (
        (
            "IV",
            f"{decimal(line.iv.iv)} ({strength(line.iv.iv)})",
            f"{decimal_range(line.iv.low, line.iv.high)}; {by_chance}",
        ),
        ("AUC alone", decimal(line.auc.auc), decimal_range(line.auc.low, line.auc.high)),
        (
            "A higher value is",
            direction(line),
            "one way only" if line.shape in _MONOTONE else "",
        ),
        ("Missing", percent(line.missing), ""),
        ("Moved (PSI)", decimal(line.psi, 2), "training to test side; above 0.25 far"),
        ("Work in a model", percent(mean), percent_range(low, high)),
    )


def _bin_table(line: StudyLine) -> Table:
    total = sum(one.n for one in line.bins) or 1
    return Table(
        title="The groups in figures, and how it is computed",
        columns=(
            Column(title="Group", width=30),
            Column(title="Applications", numeric=True, width=14),
            Column(title="Share", numeric=True, width=10),
            Column(title="Bads", numeric=True, width=10),
            Column(title="Bad rate", numeric=True, width=18),
            Column(title="Test side", numeric=True),
        ),
        rows=tuple(_bin_row(line, one, total) for one in line.bins),
        note=line.description,
        folded=True,
    )


def _bin_row(line: StudyLine, one: StudyBin, total: int) -> tuple[Cell, ...]:
    if not one.shown:
        few = (Cell(text=NONE),) * 4
        return (Cell(text=bin_words(line, one)), Cell(text=f"fewer than {FEWEST_SHOWN}"), *few)
    large = one.n_test >= FEWEST_SHOWN
    return (
        Cell(text=bin_words(line, one)),
        Cell(text=count(one.n)),
        Cell(text=percent(one.n / total)),
        Cell(text=count(one.bads)),
        Cell(text=percent(one.bad_rate), small=percent_range(one.low, one.high)),
        Cell(
            text=percent(one.bad_rate_test) if large else NONE,
            small=f"of {count(one.n_test)}" if large else "",
        ),
    )


def missing(record: StudyRecord) -> Section:
    """Which values are missing, and whether that tells something."""
    lines = [line for line in record.lines if line.missing > 0.0]
    lines.sort(key=lambda line: -_tells(line))
    telling = sum(_tells(line) > 0.0 for line in lines)
    gaps: dict[tuple[int, int], list[StudyLine]] = {}
    for line in lines:
        gaps.setdefault(_gap(line), []).append(line)
    words = (
        f"{counted(len(lines), 'feature')} of {count(len(record.lines))} are unknown for some "
        f"applications; many share one gap, such as a customer without any event in a window. For "
        f"{count(telling)} of them the gap itself goes with another bad rate: a model should see "
        "it as a value of its own, never as an average."
        if lines
        else "Every feature is known of every application."
    )
    shown = list(gaps.values())[:MOST_ROWS]
    return Section(
        anchor="missing",
        heading="What is not known",
        lead=(words,),
        tables=(_missing_table(shown, len(gaps)),) if lines else (),
    )


def _gap(line: StudyLine) -> tuple[int, int]:
    """Return applications and bads without a value: alike where features share one gap."""
    return next(((one.n, one.bads) for one in line.bins if one.unknown), (0, 0))


MOST_ROWS = 20


def _tells(line: StudyLine) -> float:
    """How far a gap alone lies from telling nothing, beyond chance; 0 where it does not."""
    gap = line.missing_auc
    return 0.0 if gap is None else max(gap.low - 0.5, 0.5 - gap.high, 0.0)


def _missing_table(gaps: Sequence[Sequence[StudyLine]], total: int) -> Table:
    left = total - len(gaps)
    return Table(
        title="Missing values, those that tell most first",
        columns=(
            Column(title="Feature", width=42),
            Column(title="Missing", width=17),
            Column(title="Bad rate missing", numeric=True, width=14),
            Column(title="Bad rate known", numeric=True, width=14),
            Column(title="AUC of the gap", numeric=True),
        ),
        rows=tuple(_missing_row(alike) for alike in gaps),
        note=f"{counted(left, 'more gap')}, none of them telling more." if left > 0 else "",
    )


def _missing_row(alike: Sequence[StudyLine]) -> tuple[Cell, ...]:
    line, others = alike[0], len(alike) - 1
    gone = [one for one in line.bins if one.unknown]
    known = [one for one in line.bins if not one.unknown]
    gap = line.missing_auc
    reach = None if gap is None else max(gap.auc, 1.0 - gap.auc)
    return (
        Cell(
            text=heading(line),
            small=f"and {counted(others, 'more feature')} with the same gap"
            if others
            else line.name,
            code=not others,
        ),
        Cell(text=percent(line.missing), bar=line.missing),
        Cell(text=_rate(gone)),
        Cell(text=_rate(known)),
        Cell(text=decimal(reach), small="tells" if _tells(line) > 0.0 else "may be chance"),
    )


def _rate(bins: Sequence[StudyBin]) -> str:
    n = sum(one.n for one in bins)
    return percent(sum(one.bads for one in bins) / n) if n >= FEWEST_SHOWN else NONE


def alike(record: StudyRecord) -> Section:
    """Features that say nearly the same, with one to stand for each group."""
    titles = {line.name: heading(line) for line in record.lines}
    spared = sum(len(group.members) for group in record.groups)
    words = (
        f"{counted(len(record.groups), 'group')} of numbers move together (rank correlation of at "
        f"least 0.9 with the one that stands for the group). Taking one of each leaves "
        f"{count(len(record.represented))} of {count(len(record.lines))} features: a scorecard "
        f"needs none of the other {count(spared)}."
        if record.groups
        else "No two numbers move together closely: none repeats another."
    )
    return Section(
        anchor="alike",
        heading="Which features say the same",
        lead=(words,),
        tables=(_alike_table(record, titles),) if record.groups else (),
        reading=(
            (
                "Correlation",
                (
                    "Spearman’s, of ranks: 1.00 the same order, "
                    f"{MINUS}1.00 the reverse order. Categories are not compared"
                ),
            ),
            ("Take this one", "the strongest of its group above chance"),
        ),
    )


def _alike_table(record: StudyRecord, titles: dict[str, str]) -> Table:
    return Table(
        title="",
        columns=(
            Column(title="Take this one", width=36),
            Column(title="It stands for", width=50),
            Column(title="Correlation", numeric=True),
        ),
        rows=tuple(
            (
                Cell(text=titles[group.representative], small=group.representative, code=True),
                Cell(text="; ".join(titles[name] for name, _ in group.members)),
                Cell(text=_spread([found for _, found in group.members])),
            )
            for group in record.groups
        ),
    )


def _spread(found: Sequence[float]) -> str:
    low, high = min(found), max(found)
    return decimal(low, 2) if len(found) == 1 else decimal_range(low, high, 2)
