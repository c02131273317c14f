"""Choose a cutoff on the training side: what earns most, or what catches a share of defaulters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from solvent.app._targets import whole_file
from solvent.app.bootstrap import versioned_policy
from solvent.app.live_product import go_live
from solvent.app.policy_file import FILE, parse_text, read_policy
from solvent.app.portfolio import Side, chosen_words, judged_words, side_of
from solvent.errors import DeclarationError
from solvent.simulate import Best, Comparison, Matrix, Point, for_recall, most_profitable
from solvent.store import ModelRegistry

_LINE = re.compile(r"^(?P<head>\s*approve_below\s*:\s*)(?P<value>[0-9.eE+-]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoffResult:
    """A cutoff, where it comes from and what it does to applications not learnt from.

    Args:
        cutoff: Approve PDs below it.
        goal: What it was chosen for, in words.
        chosen_on: What it was chosen on, in words.
        judged_on: What it was judged on, in words.
        best: The most profitable cutoff with its interval; None where a recall was asked for.
        at: What it does on the test side.
        policy: What the policy's own cutoff does there.
        matrix: Who is approved there, good and bad.
        compared: Its money there against approving everybody and perfect foresight.
    """

    cutoff: float
    goal: str
    chosen_on: str
    judged_on: str
    best: Best | None
    at: Point
    policy: Point
    matrix: Matrix
    compared: Comparison


def choose_cutoff(
    product: str, folder: Path, home: Path, *, recall: float | None = None,
    version: int | None = None,
) -> CutoffResult:  # fmt: skip
    """Choose a cutoff on the training side and judge it on the test side.

    Args:
        product: Name of the product.
        folder: Its folder: the policy's money and rules.
        home: Folder of the registry.
        recall: Share of defaulters to catch, in (0, 1]; None maximises the profit.
        version: Version of the model; None for the newest.

    Raises:
        BundleError: No such model is registered.
        DeclarationError: The policy is not sound.
        RangeError: The recall is no share.
    """
    registry = ModelRegistry(home)
    registered = registry.load(product, version)
    population = registry.population(product, registered.version, "test")
    live = go_live(registered, versioned_policy(folder), population, explained=False)
    learnt = side_of(live.policy, registry.population(product, registered.version, "train"))
    judged = side_of(live.policy, population)
    best = _best(learnt)
    cutoff = best.cutoff if recall is None else for_recall(learnt.pd, learnt.bad, recall)
    swept = judged.sweep()
    return CutoffResult(
        cutoff=cutoff,
        goal="the highest profit" if recall is None
        else f"{recall:.0%} of the defaulters caught",
        chosen_on=chosen_words(live, best), judged_on=judged_words(live, len(judged)),
        best=best if recall is None else None, at=swept.at(cutoff),
        policy=swept.at(live.policy.cutoffs.approve_below), matrix=judged.matrix(cutoff),
        compared=judged.compare(cutoff),
    )  # fmt: skip


def _best(side: Side) -> Best:
    return most_profitable(side.pd, side.bad, side.worth, barred=side.barred)


def write_cutoff(folder: Path, cutoff: float) -> None:
    """Write a cutoff into `policy.yaml`, and nothing else in it.

    Raises:
        DeclarationError: The file has not exactly one `approve_below` under `cutoffs`, or the
            policy would not be sound with the new one; the file is left as it was.
    """
    path = folder / FILE
    read_policy(folder)
    text = path.read_text(encoding="utf-8")
    start = text.find("cutoffs:")
    found = _LINE.search(text, start) or re.search(
        r"(?P<head>cutoffs:\s*\{\s*approve_below\s*:\s*)(?P<value>[0-9.eE+-]+)", text
    )
    if start < 0 or found is None:
        raise DeclarationError(
            "has no line approve_below: NUMBER under cutoffs:", hint="write it there by hand",
            field=FILE,
        )  # fmt: skip
    new = f"{text[: found.start('value')]}{cutoff:.6g}{text[found.end('value') :]}"
    parse_text(new)
    with whole_file(path) as draft:
        draft.write(new.encode())
