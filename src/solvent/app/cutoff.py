"""Choose a cutoff on the training side: what earns most, or what catches a share of defaulters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from solvent.app._targets import whole_file
from solvent.app.bootstrap import versioned_policy
from solvent.app.live_product import go_live
from solvent.app.policy_file import FILE, parse_text, read_policy
from solvent.app.portfolio import Side, chosen_words, judged_words, side_of
from solvent.errors import DeclarationError, RangeError
from solvent.report.figures import confidence
from solvent.simulate import Best, Comparison, Matrix, Point, for_recall, most_profitable
from solvent.store import ModelRegistry

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoffResult:
    """A cutoff, where it comes from and what it does to applications not learnt from.

    Args:
        cutoff: Approve PDs below it; as few decimals as decide the training side the same.
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

    @property
    def digits(self) -> str:
        """The cutoff as it is written; YAML would take 5e-05 for a text."""
        return digits(self.cutoff)


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
    if recall is not None and not 0.0 < recall <= 1.0:
        raise RangeError(
            "is no share of the defaulters", hint="give one above 0 and at most 1, such as 0.8",
            field="recall",
        )  # fmt: skip
    registry = ModelRegistry(home)
    registered = registry.load(product, version)
    population = registry.population(product, registered.version, "test")
    live = go_live(registered, versioned_policy(folder), population, explained=False)
    learnt = side_of(live.policy, registry.population(product, registered.version, "train"))
    judged = side_of(live.policy, population)
    best = _best(learnt)
    exact = best.cutoff if recall is None else for_recall(learnt.pd, learnt.bad, recall)
    cutoff = short(exact, learnt.pd)
    swept = judged.sweep()
    return CutoffResult(
        cutoff=cutoff,
        goal="the highest profit" if recall is None
        else f"{confidence(recall)} of the defaulters caught",
        chosen_on=chosen_words(live, best), judged_on=judged_words(live, len(judged)),
        best=best if recall is None else None, at=swept.at(cutoff),
        policy=swept.at(live.policy.cutoffs.approve_below), matrix=judged.matrix(cutoff),
        compared=judged.compare(cutoff),
    )  # fmt: skip


def _best(side: Side) -> Best:
    return most_profitable(side.pd, side.bad, side.worth, barred=side.barred)


def short(cutoff: float, pd: FloatArray) -> float:
    """Return the cutoff with fewest decimals that decides some PDs as `cutoff` does.

    >>> short(0.178432, np.array([0.1, 0.1771, 0.1786])), short(0.3, np.array([0.3]))
    (0.178, 0.3)
    """
    under = float(pd[pd < cutoff].max(initial=0.0))
    for decimals in range(2, 17):
        rounded = round(float(np.floor(cutoff * 10.0**decimals)) / 10.0**decimals, decimals)
        if under < rounded <= cutoff:
            return rounded
    return cutoff


def digits(cutoff: float) -> str:
    """Return a number in plain digits.

    >>> digits(5e-05), digits(0.15)
    ('0.00005', '0.15')
    """
    return np.format_float_positional(cutoff, trim="-")


def write_cutoff(folder: Path, cutoff: float) -> None:
    """Write a cutoff into `policy.yaml`, and nothing else in it.

    Raises:
        MissingFileError: There is no policy.
        DeclarationError: The policy would not be sound with the new cutoff, or the number is shared
            with another place of the file; the file is left as it was.
        WriteError: The file cannot be written; it is left as it was.
    """
    path = folder / FILE
    before, _ = read_policy(folder)
    text = path.read_bytes().decode()  # ends of lines as they are
    start, end = _place(text)
    new = f"{text[:start]}{digits(cutoff)}{text[end:]}"
    after, _ = parse_text(new)
    if after != {**before, "cutoffs": {**before["cutoffs"], "approve_below": cutoff}}:
        raise DeclarationError(
            "its approve_below is shared with another place of the file",
            hint="write the number out at both places", field=FILE,
        )  # fmt: skip
    with whole_file(path) as draft:
        draft.write(new.encode())


def _place(text: str) -> tuple[int, int]:
    """Return where the number of `cutoffs.approve_below` stands in a sound policy."""
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for name in ("cutoffs", "approve_below"):
        (node,) = (value for key, value in node.value if key.value == name)
    return node.start_mark.index, node.end_mark.index
