"""From a comparison of techniques to the page that tells it."""

from __future__ import annotations

from solvent.metrics import Validation
from solvent.report.figures import (
    NONE,
    confidence,
    count,
    counted,
    decimal,
    joined,
    moment,
    percent,
)
from solvent.report.page import Answer, Chart, Mark, Page, Section, Tile, Tone
from solvent.report.render import optional
from solvent.report.summary import SLOPES, strength, trust
from solvent.report.tables import fingerprints, pairs
from solvent.report.techniques_record import ALPHA, JudgedTechnique, TechniquesRecord
from solvent.report.techniques_tables import (
    by_link,
    costs,
    every_pair,
    failures,
    figures,
    folds,
    links,
    matrix,
    seconds,
    size_words,
)

FEW_BADS = 100
WORTH = 0.02
"""A lead in AUC from which a better technique is worth its price; a convention."""
INSIDE = (
    "Encodings, settings, the choice of features and the calibration were made inside each "
    "training part."
)


def build_techniques(record: TechniquesRecord) -> Page:
    """Build the page of a comparison.

    Args:
        record: The comparison.

    Raises:
        MissingExtraError: the `train` extra is not installed.
    """
    optional("altair")
    chapters = (
        _side_by_side(record),
        _differences(record),
        _chain(record),
        _calibration(record),
        _costs(record),
        _compared(record),
    )
    return Page(
        kind="comparison of techniques",
        title=record.title,
        subtitle=f"Comparison of techniques · {counted(len(record.judged), 'technique')} · "
        f"{counted(len(record.folds), 'fold')}",
        facts=_facts(record),
        tiles=_tiles(record),
        verdict=techniques_verdict(record),
        answers=_answers(record),
        note=f"Ranges are {confidence(record.best.validation.auc.level)} confidence intervals. "
        "The words follow fixed rules of thumb: they sort attention, a person decides.",
        sections=tuple(chapter for chapter in chapters if chapter is not None),
    )


def techniques_verdict(record: TechniquesRecord) -> str:
    """Say in plain words which technique to take, and how sure one can be.

    Args:
        record: The comparison.
    """
    best, simplest = record.best, record.simplest
    judged = counted(best.validation.n, "application")
    if len(record.judged) == 1:
        return (
            f"Only one technique was judged: {best.title}, with an AUC of "
            f"{decimal(best.validation.auc.auc)} on {judged} it had not seen."
        )
    reached = f"{decimal(best.validation.auc.auc)} on {judged} no model had seen"
    if len(record.outranked) == len(record.judged) - 1:
        return f"{_capital(best.title)} ranks best, beyond chance: AUC {reached}.{_cost(best)}"
    if len(record.as_good) == 1 and record.untold:
        return (
            f"{_capital(best.title)} has the highest AUC, {reached}; how it stands to "
            f"{joined([one.title for one in record.untold])} cannot be told.{_cost(best)}"
        )
    if len(record.as_good) == 1:
        return (
            f"{_capital(best.title)} ranks best: AUC {reached}. Against each other technique alone "
            f"that is more than chance, against all of them together it may not be.{_cost(best)}"
        )
    if simplest is best:
        return (
            f"No technique ranks better than {best.title} beyond chance: its AUC, {reached}, is "
            f"the highest, and it is the simplest of those that may rank as well ({_simple(best)})."
        )
    return (
        f"No technique ranks better than {simplest.title} beyond chance. The highest AUC, "
        f"{reached}, is that of {best.title}, but {_lead(record, simplest)}. The simplest of those "
        f"that may rank as well is {simplest.title} ({_simple(simplest)}).{_unsure(record)}"
    )


def _unsure(record: TechniquesRecord) -> str:
    """Say what to do where a lead that would be worth having is not ruled out."""
    told = _not_ruled_out(record)
    return f"{told} Judge more bad applications before simplicity decides." if told else ""


def _not_ruled_out(record: TechniquesRecord) -> str:
    """Say how large a lead over the simplest is not ruled out, where it would be worth having."""
    pair = record.against_best(record.simplest.name)
    if pair is None or pair.found is None or pair.found.high <= WORTH:
        return ""
    bads = counted(record.best.validation.bads, "bad application")
    return f" With {bads} a lead of up to {decimal(pair.found.high)} is not ruled out."


def _lead(record: TechniquesRecord, other: JudgedTechnique) -> str:
    pair = record.against_best(other.name)
    if pair is None or pair.found is None:
        return "nothing can be said about chance"
    found = pair.found
    return (
        f"its lead of {decimal(found.difference, 4)} (from {decimal(found.low, 4)} to "
        f"{decimal(found.high, 4)}) is within what chance explains"
    )


def _simple(one: JudgedTechnique) -> str:
    if not one.live:
        return "none of them can go live"
    return f"it can go live, and its saved model is the smallest: {size_words(one.size)}"


def _cost(best: JudgedTechnique) -> str:
    return "" if best.live else " It cannot go live: it can be compared only."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _facts(record: TechniquesRecord) -> tuple[tuple[str, str], ...]:
    judged = "later applications" if record.by_time else "other customers"
    return (
        ("Product", record.product),
        ("Compared", moment(record.created_at)),
        ("Bad means", record.bad_words),
        ("Judged on", judged),
        ("Applications judged", count(record.best.validation.n)),
        ("Kept for the test, unseen", count(record.kept_back)),
    )


def _tiles(record: TechniquesRecord) -> tuple[Tile, ...]:
    best, simplest = record.best, record.simplest
    found = best.validation
    pair = record.against_best(simplest.name)
    behind = None if pair is None else pair.found
    return (
        Tile(
            label="Highest AUC", value=decimal(found.auc.auc),
            note=f"{best.title}, from {decimal(found.auc.low)} to {decimal(found.auc.high)}",
            tone=Tone.PLAIN if found.auc.low > 0.5 else Tone.WARN,
        ),
        Tile(
            label="May rank as well", value=f"{len(record.as_good)} of {len(record.judged)}",
            note="techniques, each alone beside the best",
        ),
        Tile(
            label="Simplest of these", value=_capital(simplest.title),
            note=f"{size_words(simplest.size)} when saved",
        ),
        Tile(
            label="It is behind by", value="nothing" if behind is None
            else decimal(behind.difference, 4),
            note="it is the best itself" if behind is None
            else f"AUC, from {decimal(behind.low, 4)} to {decimal(behind.high, 4)}",
            tone=Tone.WARN if behind is not None and behind.high > WORTH else Tone.PLAIN,
        ),
        Tile(
            label="Bad rate", value=percent(found.bad_rate),
            note=f"{counted(found.bads, 'bad application')} judged",
            tone=Tone.PLAIN if found.bads >= FEW_BADS else Tone.WARN,
        ),
    )  # fmt: skip


def _answers(record: TechniquesRecord) -> tuple[Answer, ...]:
    best, found = record.best, record.best.validation
    untrue = [one.title for one in record.judged if not trust(one.validation).whole]
    unfit = [one.title for one in record.judged if not one.live]
    failed = [one.name for one in record.failed]
    return (
        Answer.told(
            ("Does the best technique rank risk?", "how weakly the best ranks"),
            found.auc.low > 0.5,
            f"The best, {best.title}, ranks it {strength(found.auc.auc)}: AUC {_with_ends(found)}."
        ),
        Answer.told(
            ("Can the PDs be taken as stated?", "calibration"),
            not untrue,
            f"Those of {joined(untrue)} should not: the calibration slope or the mean PD is off."
            if untrue
            else f"Yes of every technique: slopes lie in {SLOPES[0]} to {SLOPES[1]}, and mean PDs "
            "near the bad rate.",
        ),
        Answer.told(
            ("Can every technique go live?", "techniques that cannot go live"),
            not unfit,
            f"{_capital(joined(unfit))} cannot: to go live a model must be saved in a native form "
            "and give exact reasons."
            if unfit
            else "Each can be saved in a native form and gives exact reasons.",
            no="Not all",
        ),
        Answer.told(
            ("Did every technique train?", "techniques that failed"),
            not failed,
            f"{joined(failed)} did not; why is told below." if failed
            else f"All {len(record.judged)} did, on every fold.",
            no="Not all",
        ),
        Answer.told(
            ("Are there enough bad applications to tell them apart?", "how few were bad"),
            found.bads >= FEW_BADS and not _unsure(record),
            _not_ruled_out(record).strip()
            or f"{counted(found.bads, 'bad application')} were judged.",
        ),
        Answer.told(
            ("Was each application judged by models that had not seen its future?", "time"),
            record.by_time,
            "Each block of applications was judged by models that learnt from earlier ones and of "
            "other customers."
            if record.by_time
            else "Folds hold other customers, but not later applications: how techniques hold over "
            "time is not known.",
        ),
    )  # fmt: skip


def _with_ends(found: Validation) -> str:
    auc = found.auc
    return f"{decimal(auc.auc)}, from {decimal(auc.low)} to {decimal(auc.high)}"


def _side_by_side(record: TechniquesRecord) -> Section:
    from solvent.report.techniques_charts import auc_dots

    level = confidence(record.best.validation.auc.level)
    best, last = record.best, record.judged[-1]
    chart = Chart(
        name="techniques-auc", title="How well each technique ranks", wide=True,
        sentence=f"AUC on {counted(best.validation.n, 'application')} no model had seen: from "
        f"{decimal(last.validation.auc.auc)} ({last.title}) to "
        f"{decimal(best.validation.auc.auc)} ({best.title}).",
        keys=(
            (Mark.ACCENT, f"AUC over all folds, with its {level} interval"),
            (Mark.GREY, "AUC of each fold"),
            (Mark.DASHED, "the highest"),
        ),
        spec=auc_dots(record),
    )  # fmt: skip
    return Section(
        anchor="techniques", heading="Side by side",
        lead=(
            "Every technique learnt from the same applications, fold by fold, and judged the same.",
            INSIDE,
        ),
        charts=(chart,), tables=(figures(record),),
        reading=(
            ("AUC", "how often a bad application gets the higher PD; 0.5 is chance"),
            ("KS", "widest gap between goods and bads"),
            ("Log loss, Brier", "error of the PDs themselves; lower is better"),
            ("Slope, intercept", "1 and 0 are perfect; a slope below 1 says PDs are too extreme"),
        ),
    )  # fmt: skip


def _differences(record: TechniquesRecord) -> Section | None:
    if len(record.judged) == 1:
        return None
    from solvent.report.techniques_charts import lead_dots

    best = record.best
    sure = len(record.outranked)
    chart = Chart(
        name="techniques-lead", title=f"Against {best.title}, application by application",
        sentence=f"Beyond chance it outranks {sure} of the {len(record.judged) - 1} others. "
        "Judging the same applications tells apart what two intervals side by side cannot.",
        keys=(
            (Mark.WARN, "worse beyond chance"),
            (Mark.ACCENT, "within what chance explains"),
            (Mark.DASHED, f"as {best.title}"),
        ),
        spec=lead_dots(record), wide=True,
    )  # fmt: skip
    tested = any(pair.found for pair in record.pairs)
    return Section(
        anchor="differences", heading="Are the differences more than chance?",
        lead=(_method(record),),
        charts=(chart,) if tested else (), tables=(matrix(record), every_pair(record)),
    )  # fmt: skip


def _method(record: TechniquesRecord) -> str:
    told = [pair for pair in record.pairs if pair.found is not None]
    tested = counted(len(told), "pair was", "pairs were")
    untold = len(record.pairs) - len(told)
    rest = f" Of {counted(untold, 'pair')} nothing can be said." if untold else ""
    return (
        "Two techniques that judged the same applications are compared by DeLong's paired test. "
        f"{tested} tested, so p-values are adjusted by Holm's method: below {ALPHA:g} a difference "
        "is called beyond chance. What is not may still be real, up to the end of its interval."
        + rest
    )


def _calibration(record: TechniquesRecord) -> Section:
    from solvent.report.techniques_charts import calibration_panels

    chart = Chart(
        name="techniques-calibration", title="Bad rate against PD", wide=True,
        sentence="Ten bands of equally many applications, safest first, all on one scale: on the "
        "dashed line as many went bad as the PD says.",
        keys=(
            (Mark.ACCENT, f"bad rate of a band, with its {confidence(0.95)} interval"),
            (Mark.DASHED, "PD and bad rate agree"),
        ),
        spec=calibration_panels(record.judged),
    )  # fmt: skip
    return Section(anchor="calibration", heading="Do the PDs mean what they say?", charts=(chart,))


def _costs(record: TechniquesRecord) -> Section:
    from solvent.report.techniques_charts import time_against_auc

    quick = min(record.judged, key=lambda one: one.fit_cpu)
    slow = max(record.judged, key=lambda one: one.fit_cpu)
    chart = Chart(
        name="techniques-time", title="What a better ranking costs to train", wide=True,
        sentence=f"One fit takes from {seconds(quick.fit_cpu)} ({quick.title}) to "
        f"{seconds(slow.fit_cpu)} ({slow.title}) of processor time, its calibration included.",
        keys=((Mark.ACCENT, "can go live"), (Mark.GREY, "can be compared only")),
        spec=time_against_auc(record),
    )  # fmt: skip
    return Section(
        anchor="costs", heading="Time, size and reasons", charts=(chart,), tables=(costs(record),)
    )


def chain_words(record: TechniquesRecord) -> str:
    """Say that the product has a chain of models, and what was compared; empty where it has none.

    Args:
        record: The comparison.
    """
    if not record.links:
        return ""
    whom = joined([link.words for link in record.links])
    return (
        f"The product is a chain of {len(record.links)} models, for {whom}. What is compared here "
        "are single models of all features on every application, not chains: how a technique does "
        "on the applications that each link scores is told, and training judges the chain itself."
    )


def _chain(record: TechniquesRecord) -> Section | None:
    if not record.links:
        return None
    return Section(
        anchor="chain", heading="The links of the chain", lead=(chain_words(record),),
        tables=(links(record), by_link(record)),
    )  # fmt: skip


def _compared(record: TechniquesRecord) -> Section:
    offered = count(record.candidates)
    if record.selected:
        low, high = min(record.selected), max(record.selected)
        offered += f"; {low if low == high else f'{low} to {high}'} selected inside each fold"
    told = (
        ("Bad means", record.bad_words),
        ("Folds", "by time, each later than what it learns from" if record.by_time
         else "by customer"),
        ("Features offered", offered),
        ("Protected, never given to a model", ", ".join(record.protected) or NONE),
        ("Seed", str(record.seed)),
        *record.versions.items(),
    )  # fmt: skip
    tables = [folds(record), pairs("Set up", told), fingerprints(record.sources)]
    if record.failed:
        tables.insert(0, failures(record.failed))
    return Section(anchor="compared", heading="What was compared", tables=tuple(tables))
