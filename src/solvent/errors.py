"""Every error solvent raises.

```
SolventError
├── DeclarationError        a product is declared wrongly
│   └── ExpressionError     a feature expression mixes types that do not mix
├── DataError               the data do not fit the declaration
│   ├── MissingFileError    a declared table is not there
│   ├── MissingColumnError  a declared column is not there
│   ├── UnreadableFileError a file is cut, empty or not what its name says
│   ├── NoRowsError         no row is left to work on
│   ├── ZoneError           a time without a zone, and none declared
│   ├── DuplicateIdError    one application id on two applications
│   └── TooManyRowsError    one customer has more rows than exact arithmetic carries
├── MetricError             a figure cannot be computed from what was given
│   ├── ShapeError          arrays do not match, or are empty
│   ├── OneClassError       every account is bad, or none is
│   └── RangeError          a value lies outside the range it must lie in
├── TrainingError           a model cannot be trained
│   ├── LeakageError        the leakage gate refused
│   └── TechniqueError      a technique is unknown or not installed
├── BundleError             a saved model is missing, changed or unreadable
├── SandboxError            a simulated lender was asked for what it cannot simulate
├── MissingExtraError       an optional part of the installation is not there
├── ClientError             the API did not do what its client asked
│   ├── NotSignedInError    no key, or one the API does not know
│   ├── RefusedError        the key's role may not do that
│   ├── NotFoundError       the API has no such thing
│   ├── ConflictError       the API has something else under that name
│   ├── InvalidError        the API cannot use what was sent
│   ├── UnavailableError    the API does not answer, or cannot work now
│   └── UnreadableAnswerError  the answer is not what this client understands
├── WriteError              a result could not be written; nothing half-written is left
├── NotServedError          the API serves no such product, client, decision or job
├── StoreError              what is kept could not be read or written
├── StartError              as it is set up, solvent would harm somebody, and does not start
├── BusyError               more waits to be done than may wait
└── IdempotencyError        one idempotency key came with two different requests
```

A message says what was wrong, what was found (never a person's data) and what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SolventError(Exception):
    """Base of every error solvent raises on purpose.

    Args:
        message: What was wrong and what was found; never a person's data.
        hint: What the reader can do about it.
        field: The declared name (table, column, option) the error is about, if one is.
    """

    def __init__(self, message: str, *, hint: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field

    def __str__(self) -> str:
        where = f"{self.field}: " if self.field else ""
        advice = f"\n  hint: {self.hint}" if self.hint else ""
        return f"{where}{self.message}{advice}"


class DeclarationError(SolventError):
    """A product is declared wrongly."""


class ExpressionError(DeclarationError):
    """A feature expression mixes types that do not mix."""


class DataError(SolventError):
    """The data do not fit the declaration."""


class MissingFileError(DataError):
    """A declared table is not there."""


class MissingColumnError(DataError):
    """A declared column is not there."""


class UnreadableFileError(DataError):
    """A file is cut, empty or not what its name says."""


class NoRowsError(DataError):
    """No row is left to work on."""


class ZoneError(DataError):
    """A time came without a zone and none was declared."""


class DuplicateIdError(DataError):
    """One application id stands on two applications."""


class TooManyRowsError(DataError):
    """One customer has more rows than exact arithmetic carries."""


class MetricError(SolventError):
    """A figure cannot be computed from what was given."""


class ShapeError(MetricError):
    """Arrays do not match, or are empty."""


class OneClassError(MetricError):
    """Every account is bad, or none is."""


class RangeError(MetricError):
    """A value lies outside the range it must lie in."""


class TrainingError(SolventError):
    """A model cannot be trained."""


class LeakageError(TrainingError):
    """The leakage gate refused."""


class TechniqueError(TrainingError):
    """A technique is unknown or not installed."""


class BundleError(SolventError):
    """A saved model is missing, changed or unreadable."""


class WriteError(SolventError):
    """A result could not be written; nothing half-written is left."""


class SandboxError(SolventError):
    """A simulated lender was asked for what it cannot simulate."""


class MissingExtraError(SolventError):
    """An optional part of the installation is not there."""


class ClientError(SolventError):
    """The API did not do what its client asked."""


class NotSignedInError(ClientError):
    """No key was sent, or one the API does not know."""


class RefusedError(ClientError):
    """The key's role may not do that."""


class NotFoundError(ClientError):
    """The API has no such thing."""


class ConflictError(ClientError):
    """The API has something else under that name."""


class InvalidError(ClientError):
    """The API cannot use what was sent; `field` names what, where one is to blame."""


class UnavailableError(ClientError):
    """The API does not answer, or cannot work at the moment."""


class UnreadableAnswerError(ClientError):
    """The answer is not what this client understands."""


class NotServedError(SolventError):
    """The API serves no such product, client, decision or job."""


class StoreError(SolventError):
    """What is kept could not be read or written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One thing that stands against a start.

    Args:
        field: The setting it is about.
        message: What is wrong.
        fix: What to do about it, in one line.
    """

    field: str
    message: str
    fix: str


class StartError(SolventError):
    """As it is set up, solvent would harm somebody, and does not start.

    Args:
        refusals: All that stands against it, at least one.
    """

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        first, *others = refusals
        told = "".join(f"\n{one.field}: {one.message}\n  hint: {one.fix}" for one in others)
        super().__init__(first.message, hint=f"{first.fix}{told}", field=first.field)
        self.refusals = tuple(refusals)


class BusyError(SolventError):
    """More waits to be done than may wait: later there is room again."""


class IdempotencyError(SolventError):
    """One idempotency key came with two different requests."""
