"""Trials of searches for settings: one file a search, so that it can be resumed."""

from __future__ import annotations

from pathlib import Path

from solvent.errors import BundleError, WriteError
from solvent.models.documents import Document, to_bytes
from solvent.models.trials import Trial
from solvent.store.models import HOME_VARIABLE
from solvent.store.writing import whole_file


class TrialFile:
    """Trials, a line of JSON each, under `root/tuning/<product>/<search>.jsonl`.

    Args:
        root: The folder solvent keeps things in.
        product: Name of the product.
        search: What names the search: it is the same where the same would be tried.
    """

    def __init__(self, root: Path, product: str, search: str) -> None:
        self._path = root / "tuning" / product / f"{search}.jsonl"
        self._lines: list[bytes] = []

    def read(self) -> tuple[Trial, ...]:
        """Return the trials noted so far, in order.

        Raises:
            BundleError: The file is damaged.
        """
        try:
            self._lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise BundleError(f"cannot be read: {error.strerror}", field=self._path.name) from error
        name, again = self._path.name, "remove the file to search anew"
        try:
            trials = tuple(Trial.read(Document.parse(line, name)) for line in self._lines)
        except BundleError as error:
            raise BundleError(error.message, hint=again, field=name) from error
        if [trial.number for trial in trials] != list(range(len(trials))):
            raise BundleError("does not hold its trials in order", hint=again, field=name)
        return trials

    def add(self, trial: Trial) -> None:
        """Note one more, whole or not at all.

        Raises:
            WriteError: It cannot be written.
        """
        lines = [*self._lines, to_bytes(trial.document())]
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self._path) as file:
                file.write(b"\n".join(lines) + b"\n")
        except OSError as error:
            raise WriteError(
                f"a trial could not be noted: {error.strerror}",
                hint=f"set {HOME_VARIABLE} to a folder you may write in", field=HOME_VARIABLE,
            ) from error  # fmt: skip
        self._lines = lines
