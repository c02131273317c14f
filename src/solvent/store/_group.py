"""Group commit: what many threads want to keep goes into one transaction."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from solvent.errors import SolventError, StoreError

Item = TypeVar("Item")
Kept = TypeVar("Kept")
MOST: Final = 256
"""Items that go into one transaction."""


class _Waiting(Generic[Item, Kept]):
    """One thread's item, and what became of it."""

    __slots__ = ("called", "item", "outcome")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.outcome: Kept | SolventError | None = None
        self.called = threading.Event()


class Group(Generic[Item, Kept]):
    """Lets the thread that comes first write for all that come while it writes.

    There is no thread of its own: the first to come writes its item; those who come meanwhile wait,
    and the first of them writes for all of them. Nobody waits for company.

    Args:
        write: Writes items in one transaction; tells what became of each, in their order.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Kept | SolventError]]) -> None:
        self._write = write
        self._turn: Final = threading.Lock()
        self._queue: list[_Waiting[Item, Kept]] = []
        self._busy = False

    def keep(self, item: Item) -> Kept:
        """Return what became of an item, once the transaction that holds it is over.

        Raises:
            SolventError: What `write` told of it.
        """
        mine = _Waiting[Item, Kept](item)
        with self._turn:
            self._queue.append(mine)
            leads, self._busy = not self._busy, True
        if not leads:
            mine.called.wait()
        if mine.outcome is None:
            self._lead()
        if isinstance(mine.outcome, SolventError):
            raise copy.copy(mine.outcome)  # each thread its own: they note where they were raised
        if mine.outcome is None:
            raise RuntimeError("a group was written without one of its items")
        return mine.outcome

    def _lead(self) -> None:
        """Write for all who wait, and let the next of those who came meanwhile do the same."""
        with self._turn:
            group, self._queue = self._queue[:MOST], self._queue[MOST:]
        fault: BaseException | None = None
        try:
            outcomes = self._write([one.item for one in group])
            for one, outcome in zip(group, outcomes, strict=True):
                one.outcome = outcome
        except BaseException as error:
            fault = error
            raise
        finally:
            if fault is not None:
                for one in group:
                    one.outcome = StoreError(
                        "a decision kept at the same time went wrong", hint="try again"
                    )
            with self._turn:
                following = self._queue[0] if self._queue else None
                self._busy = following is not None
            for one in group:
                one.called.set()
            if following is not None:
                following.called.set()
