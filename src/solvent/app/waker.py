"""Waking workers through Redis: a message holds an id and nothing else, and may be lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from solvent.errors import MissingExtraError

if TYPE_CHECKING:
    import dramatiq
    from dramatiq.brokers.redis import RedisBroker

QUEUE, ACTOR = "solvent", "wake"
MOST_MESSAGES = 32
"""Workers woken at most for one batch; who is awake goes on until nothing waits."""
SECONDS = 2.0
"""How long Redis may take before workers are left to look by themselves."""
log = logging.getLogger("solvent.waker")


class Waker:
    """Tells workers that a batch waits.

    The database says what is to be done: a lost message is only time.

    Args:
        url: Address of Redis; None where workers look by themselves.

    Raises:
        MissingExtraError: There is an address, and what speaks to Redis is not installed.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._broker: RedisBroker | None = None
        if url is not None and (find_spec("dramatiq") is None or find_spec("redis") is None):
            raise MissingExtraError(
                "waking workers through Redis needs dramatiq and redis, which are not installed",
                hint='pip install "solvent[redis]", or leave SOLVENT_REDIS_URL out',
                field="SOLVENT_REDIS_URL",
            )

    def wake(self, batch_id: str, chunks: int) -> bool:
        """Send a message for each chunk, up to some; False where none could be sent.

        Args:
            batch_id: The batch.
            chunks: How many of its chunks wait.
        """
        if self._url is None:
            return False
        import dramatiq

        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=QUEUE, actor_name=ACTOR, args=(batch_id,), kwargs={}, options={}
        )
        try:
            broker = self._connected()
            for _ in range(min(chunks, MOST_MESSAGES)):
                broker.enqueue(message.copy(options={}))
        except Exception as error:  # noqa: BLE001 - an edge: the batch is accepted all the same
            log.warning("Redis was not reached (%s): workers look by themselves", _kind(error))
            return False
        return True

    def listen(self, woken: Callable[[], None]) -> Listening:
        """Call `woken` for every message, from threads of their own, until it is stopped.

        Raises:
            MissingExtraError: There is no address to listen to.
        """
        if self._url is None:
            raise MissingExtraError(
                "there is no Redis to listen to", hint="set SOLVENT_REDIS_URL",
                field="SOLVENT_REDIS_URL",
            )  # fmt: skip
        import dramatiq

        broker = self._connected()

        @dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=broker)
        def hear(_batch_id: str) -> None:
            woken()

        logging.getLogger("dramatiq").setLevel(logging.CRITICAL)
        listener = dramatiq.Worker(broker, worker_threads=1, worker_timeout=500)
        listener.start()
        return Listening(listener)

    def _connected(self) -> RedisBroker:
        if self._broker is None:
            from dramatiq.brokers.redis import RedisBroker
            from redis import Redis

            client = Redis.from_url(
                self._url or "", socket_timeout=SECONDS, socket_connect_timeout=SECONDS
            )
            made = RedisBroker(client=client, middleware=[], namespace=QUEUE)  # type: ignore[no-untyped-call]  # the library's own
            made.declare_queue(QUEUE)
            self._broker = made
        return self._broker


class Listening:
    """Listens until it is stopped.

    Args:
        worker: What fetches the messages.
    """

    def __init__(self, worker: dramatiq.Worker) -> None:
        self._worker = worker

    def stop(self) -> None:
        """Stop to listen; a message half heard is only time."""
        self._worker.stop(timeout=int(SECONDS * 1000))


def _kind(error: Exception) -> str:
    return type(error).__name__
