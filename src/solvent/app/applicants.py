"""Applicants ready to be judged: one alone or many at once, by the same code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from solvent.app.live_product import (
    LiveProduct,
    Reference,
    amount_scale,
    column_scale,
    reads_amount,
)
from solvent.errors import DataError
from solvent.features import (
    NULL,
    Aggregate,
    ApplicationRows,
    CategoryColumn,
    FeatureFrame,
    NumberColumn,
    Values,
    with_parts,
)
from solvent.features.evaluate import assemble
from solvent.features.program import Program
from solvent.models.chain import places_of
from solvent.policy import Judgement, judge, names_read, worth
from solvent.policy.conditions import Value
from solvent.scoring import score

FloatArray = NDArray[np.float64]
Found = Mapping[str, NumberColumn | CategoryColumn]


class Applicants:
    """Applications with their aggregates computed, to be scored at any amount.

    Args:
        live: The product.
        rows: The applications, n of them.
        found: The aggregates' columns, from `features.evaluate.aggregate`.
        rows_read: Live rows that were there to compute them from.
    """

    def __init__(
        self, live: LiveProduct, rows: ApplicationRows, found: Found, *, rows_read: int = 0
    ) -> None:
        self.rows_read = rows_read
        self._live, self._rows, self._found = live, rows, found
        self._amount_matters = reads_amount(live)
        self._few_amounts = bool(live.policy.offer.amounts) or not self._amount_matters
        self._frames: dict[float | None, FeatureFrame] = {}
        self._read: dict[str, NumberColumn | CategoryColumn | None] | None = None
        self._scored: dict[float | None, tuple[FloatArray, NDArray[np.int64]]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def frame(self, amount: float | None = None) -> FeatureFrame:
        """Return every feature as if `amount` (major units) were asked for; None: as asked."""
        amount = amount if self._amount_matters else None
        if amount not in self._frames:
            self._frames[amount] = assemble(self._live.program, self._at(amount), self._found)
        return self._frames[amount]

    def scored(self, amount: float | None = None) -> tuple[FloatArray, NDArray[np.int64]]:
        """Return PDs and scores as if `amount` were asked for, shape (n,) each."""
        amount = amount if self._amount_matters else None
        if amount not in self._scored:
            pd = self._live.model.pd(self.frame(amount))
            self._scored[amount] = pd, score(pd, self._live.scale)
        return self._scored[amount]

    def asked(self, place: int) -> float | None:
        """Return the amount one applicant asked for, in major units; None where none was."""
        column = self._live.amount_column
        if column is None:
            return None
        value = self._rows.columns[column].array[place]
        scale = amount_scale(self._live)
        if scale is None:
            return None if np.isnan(value) else float(value)
        return None if value == NULL else float(int(value) / 10**scale)

    def values(self, place: int) -> dict[str, Value]:
        """Return what the policy reads of one applicant, as asked."""
        if self._read is None:
            columns = {column.name: column for column in self.frame()}
            self._read = {name: columns.get(name) for name in self._live.policy.features}
        return {
            name: None if column is None else value_at(column, place)
            for name, column in self._read.items()
        }

    def judge(self, place: int) -> Judgement:
        """Return what the policy says of one applicant."""

        def score_at(amount: float | None) -> tuple[float, int]:
            amount = None if amount == asked else amount
            alone = amount is not None and not self._few_amounts and len(self) > 1
            pd, points = (self.take(place) if alone else self).scored(amount)
            at = 0 if alone else place
            return float(pd[at]), int(points[at])

        asked = self.asked(place)
        return judge(self._live.policy, self.values(place), score_at, asked=asked)

    def worth(self, place: int, amount: float | None) -> tuple[float, float, float] | None:
        """Return what lending an amount to one applicant is worth, by the policy's economics.

        Returns:
            Money at risk, what it brings if repaid and if not, in major units; None where the
            economics cannot say.
        """
        asked = self.asked(place)
        amount = None if amount == asked else amount
        alone = amount is not None and not self._few_amounts and len(self) > 1
        frame, at = (self.take(place).frame(amount), 0) if alone else (self.frame(amount), place)
        told = {column.name: column for column in frame}
        read: dict[str, FloatArray] = {}
        for name in names_read(self._live.policy.economics):
            value = value_at(told[name], at) if name in told else None
            read[name] = np.array([value if isinstance(value, float) else np.nan])
        try:
            found = worth(self._live.policy.economics, read, 1)
        except DataError:
            return None
        return float(found.amount[0]), float(found.good_approved[0]), float(found.bad_approved[0])

    def contributions(self, place: int, amount: float | None) -> FloatArray:
        """Return what each feature added to one applicant's log-odds, the baseline last."""
        asked = self.asked(place)
        frame = self.frame(None if amount == asked else amount)
        told: FloatArray = self._live.model.contributions(self._row(frame, place))[0]
        return told

    def reference(self, place: int) -> Reference:
        """Return the group that the reasons of the model which scores one applicant compare with.

        The amount does not matter: who is known is known at any.
        """
        alone = self._row(self.frame(), place)
        return self._live.references[int(places_of(self._live.model, alone)[0])]

    def _row(self, frame: FeatureFrame, place: int) -> FeatureFrame:
        """Return one row of a frame; the frame itself where there is no other."""
        return frame if len(self) == 1 else frame.take(np.array([place]))

    def take(self, place: int) -> Applicants:
        """Return one applicant alone."""
        one = np.array([place])
        rows = ApplicationRows(
            as_of=self._rows.as_of[one], entity=np.zeros(1, np.int64),
            columns={name: values.take(one) for name, values in self._rows.columns.items()},
        )  # fmt: skip
        frame = FeatureFrame(rows=len(self), columns=tuple(self._found.values())).take(one)
        return Applicants(self._live, rows, {column.name: column for column in frame})

    def varied(self, place: int, changes: Sequence[tuple[str, float]]) -> Applicants:
        """Return one applicant as often as there are changes, with one value another in each.

        Args:
            place: Which applicant.
            changes: An application column or an aggregate by name, and its value in major units.
                What is computed from it follows.
        """
        who = np.full(len(changes), place)
        columns = {name: values.take(who) for name, values in self._rows.columns.items()}
        frame = FeatureFrame(rows=len(self), columns=tuple(self._found.values())).take(who)
        found = {column.name: column for column in frame}
        for row, (name, value) in enumerate(changes):
            if name in found:
                numbers = found[name]
                if isinstance(numbers, NumberColumn):
                    numbers.values[row] = value
                continue
            scale = column_scale(self._live, name)
            columns[name].array[row] = value if scale is None else round(value * 10**scale)
        rows = ApplicationRows(
            as_of=self._rows.as_of[who], entity=np.zeros(len(who), np.int64), columns=columns
        )
        return Applicants(self._live, rows, found)

    def _at(self, amount: float | None) -> ApplicationRows:
        column = self._live.amount_column
        if amount is None or column is None:
            return self._rows
        held = self._rows.columns[column].array
        scale = amount_scale(self._live)
        value = amount if scale is None else round(amount * 10**scale)
        columns = dict(self._rows.columns)
        columns[column] = Values(array=np.full_like(held, value))
        return replace(self._rows, columns=columns)


def unknown(program: Program, found: Found, n: int) -> dict[str, NumberColumn | CategoryColumn]:
    """Return the aggregates of sources that are not there, of n applications: not known of any.

    Args:
        program: All features.
        found: The aggregates of those that are there.
        n: How many applications.
    """
    columns: dict[str, NumberColumn | CategoryColumn] = {}
    for feature in with_parts(program.features):
        if not isinstance(feature, Aggregate) or feature.name in found:
            continue
        name = feature.name
        if feature.is_category:
            nobody = np.full(n, -1, np.int32)
            columns[name] = CategoryColumn(name=name, codes=nobody, levels=())
        else:
            columns[name] = NumberColumn(name=name, values=np.full(n, np.nan))
    return columns


def value_at(column: NumberColumn | CategoryColumn, place: int) -> Value:
    """Return one value of a column: a number, a label, or None where it is not known."""
    if isinstance(column, CategoryColumn):
        code = int(column.codes[place])
        return None if code < 0 else column.levels[code]
    value = float(column.values[place])
    return None if np.isnan(value) else value
