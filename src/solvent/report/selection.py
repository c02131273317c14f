"""The chapter on selection: which candidates the model was given, which not, and why."""

from __future__ import annotations

from solvent.models import Candidate, Fate, Selected, SizeTried
from solvent.report.figures import NONE, confidence, count, counted, decimal, decimal_range
from solvent.report.page import Cell, Chart, Column, Mark, Section, Table, Tone
from solvent.report.training import TrainingRecord

LEVEL, NORMAL = 0.95, 1.959963984540054
MOVED = 0.25
"""PSI from which a shift is marked; a convention."""
MOST_NAMED = 40


def selection(record: TrainingRecord) -> Section | None:
    """Which candidates were kept; None where nothing was selected."""
    found = record.selection
    if found is None:
        return None
    return Section(
        anchor="selection",
        heading="Which features were kept",
        lead=_lead(found, record),
        charts=(_chart(found),) if len(found.sizes) > 1 else (),
        tables=(_counts(found), _kept(found, record), _dropped(found)),
        reading=(
            (
                "Gain",
                "what its splits take off the log loss of held-out applications, 1/1000 nat each",
            ),
            ("Folds", "in how many of the folds it gained"),
            ("Earlier, later", "its gain in the earlier and in the later half of the time"),
            ("Moved", f"PSI from the earlier to the later half; from {MOVED} on it is marked"),
        ),
    )


def _lead(found: Selected, record: TrainingRecord) -> tuple[str, ...]:
    tried = len(found.candidates)
    copies = counted(found.shuffled, "shuffled copy", "shuffled copies")
    rows, line = count(found.rows), decimal(found.line)
    reads = f"of {counted(tried, 'candidate')} the model reads {count(len(found.kept))}"
    beats = f"a gain above {line} is more than chance explains, by {copies} which know nothing"
    told = (
        f"Judged on {rows} training applications, {reads}.",
        f"Among all candidates, {beats}.",
        _honesty(found, record),
    )
    if not found.by_chance:
        return told
    return (
        "No candidate gains more than shuffled copies of candidates do: the model ranks by chance.",
        *told,
    )


def _honesty(found: Selected, record: TrainingRecord) -> str:
    """Say what was chosen with a look at the outcomes, and which figure was not."""
    held = _chosen(found)
    figure = "" if held is None else f" (AUC {decimal(held.auc)})"
    return (
        f"Figures out of fold{figure} are of applications that helped to choose the features, so "
        f"they flatter; no application of the test did, and there the AUC is "
        f"{decimal(record.validation.auc.auc)}."
    )


def _chosen(found: Selected) -> SizeTried | None:
    return next((one for one in found.sizes if one.size == len(found.kept)), None)


def _chart(found: Selected) -> Chart:
    from solvent.report.selection_chart import path

    best = max(found.sizes, key=lambda one: one.auc)
    held = _chosen(found) or best
    low, high = held.behind - NORMAL * held.error, held.behind + NORMAL * held.error
    behind = (
        "the best of all sets"
        if held is best
        else f"{decimal(held.behind, 4)} behind the best ({count(best.size)} features), "
        f"{confidence(LEVEL)} interval {decimal_range(low, high, 4)}"
    )
    return Chart(
        name="selection-path",
        title="AUC out of fold against the number of features",
        sentence=f"With {counted(held.size, 'feature')} the trees that judge candidates reach an "
        f"AUC of {decimal(held.auc)}, {behind}.",
        keys=(
            (
                Mark.ACCENT,
                f"AUC out of fold, with the {confidence(LEVEL)} interval against the best",
            ),
            (Mark.WARN, "the set kept"),
            (Mark.DASHED, "the best AUC"),
        ),
        spec=path(found.sizes, held.size, NORMAL),
    )


def _counts(found: Selected) -> Table:
    return Table(
        title="What became of the candidates",
        columns=(
            Column(title="A candidate ..."),
            Column(title="Candidates", numeric=True, width=24),
        ),
        rows=tuple(
            (
                Cell(text=fate_words(fate)),
                Cell(text=count(number), bar=number / len(found.candidates)),
            )
            for fate, number in found.counts.items()
        ),
        half=True,
    )


def fate_words(fate: Fate) -> str:
    """Return what became of candidates, as words that end "it ..."."""
    return f"{fate.value} another" if fate in {Fate.COPY, Fate.ALIKE} else fate.value


_COLUMNS = (
    Column(title="Gain", numeric=True, width=11),
    Column(title="Folds", numeric=True, width=10),
    Column(title="Earlier", numeric=True, width=11),
    Column(title="Later", numeric=True, width=11),
    Column(title="Moved", numeric=True, width=11),
)


def _kept(found: Selected, record: TrainingRecord) -> Table:
    titles = {line.name: line.title for line in record.features}
    kept = sorted(
        (candidate for candidate in found.candidates if candidate.fate.kept),
        key=lambda candidate: (-(candidate.gain or 0.0), candidate.name),
    )
    most = max((candidate.gain or 0.0 for candidate in kept), default=0.0)
    return Table(
        title="Features kept, by gain",
        columns=(Column(title="Feature"), *_COLUMNS),
        rows=tuple(
            (
                Cell(
                    text=titles.get(candidate.name, candidate.name), small=candidate.name, code=True
                ),
                *_figures(candidate, found, most),
            )
            for candidate in kept
        ),
        empty="None was kept.",
        folded=len(kept) > MOST_NAMED,
    )


def _figures(candidate: Candidate, found: Selected, most: float) -> tuple[Cell, ...]:
    gain, halves, psi = candidate.gain, candidate.halves, candidate.psi
    bar = max(0.0, gain / most) if gain is not None and most > 0.0 else None
    return (
        Cell(text=decimal(gain), bar=bar),
        Cell(text=NONE if candidate.folds is None else f"{candidate.folds} of {found.folds}"),
        *(
            (Cell(text=NONE), Cell(text=NONE))
            if halves is None
            else (Cell(text=decimal(halves[0])), Cell(text=decimal(halves[1])))
        ),
        Cell(
            text=decimal(psi, 2), tone=Tone.WARN if psi is not None and psi >= MOVED else Tone.PLAIN
        ),
    )


def _dropped(found: Selected) -> Table:
    dropped = sorted(
        (candidate for candidate in found.candidates if not candidate.fate.kept),
        key=lambda candidate: (-(candidate.alone or 0.0), candidate.name),
    )
    shown = dropped[:MOST_NAMED]
    return Table(
        title=f"Dropped: {counted(len(dropped), 'candidate')}",
        columns=(
            Column(title="Candidate", width=40),
            Column(title="Gain alone", numeric=True, width=14),
            Column(title="Why"),
        ),
        rows=tuple(
            (
                Cell(text=candidate.name),
                Cell(text=decimal(candidate.alone)),
                Cell(text=candidate.words),
            )
            for candidate in shown
        ),
        empty="No candidate was dropped.",
        note=f"The {MOST_NAMED} that say most alone; the others are in the model's selection.json."
        if len(dropped) > MOST_NAMED
        else "",
        folded=True,
    )
