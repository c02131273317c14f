"""Where objects are wired: one service of everything the API and the worker need."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from solvent.app.live_product import LiveProduct, Versioned, go_live
from solvent.app.policy_file import FILE, parse_policy, read_policy
from solvent.app.settings import Settings
from solvent.app.waker import Waker
from solvent.errors import DeclarationError, NotServedError, SolventError, StoreError
from solvent.features.rows import ALWAYS
from solvent.models.documents import to_bytes
from solvent.models.plain_files import MOST_FILES
from solvent.store import (
    Audit,
    Batches,
    Clients,
    Database,
    Decisions,
    Jobs,
    Keys,
    ModelRegistry,
    Outcomes,
    PolicyRegistry,
    RegisteredPolicy,
    Rows,
    Standings,
    load_secret,
)
from solvent.store.checkpoints import Noted, last_checkpoint
from solvent.store.keyring import SIGNING_FILE, TRUSTED
from solvent.store.live_row import OTHER_TYPING

if TYPE_CHECKING:
    from solvent.app.figures import Figures

Clock = Callable[[], int]
Newest = tuple[Sequence[int], Sequence[int]]
"""The newest versions of a model and of its policy, where there are any."""
Refused = tuple[Newest, tuple[int, ...]]
"""What was refused, and the times of what may make it acceptable: a signature, a trusted key."""


def clock() -> int:
    """Return the server's time, UTC microseconds."""
    return time.time_ns() // 1_000


@dataclass(slots=True, kw_only=True, eq=False)
class Service:
    """Everything that is wired together.

    Args:
        settings: Where things are kept.
        models: The registry of models.
        policies: The registry of policies.
        database: Where decisions, rows, keys and jobs are kept.
        secret: 32 random bytes of this installation.
        now: The clock.
        figures: What this process counts; None where nobody asked it to.
        live: Products that can decide, by name.
        not_live: Why others cannot, by name.
        rows: Where live rows are kept; it remembers labels it has seen.
        decisions: Where decisions are kept; those made at the same time share a commit.
        waker: Tells workers elsewhere that there is something to do.
    """

    settings: Settings
    models: ModelRegistry
    policies: PolicyRegistry
    database: Database
    secret: bytes
    now: Clock = clock
    live: Mapping[str, LiveProduct] = field(default_factory=dict)
    not_live: Mapping[str, str] = field(default_factory=dict)
    figures: Figures | None = None
    rows: Rows = field(init=False)
    decisions: Decisions = field(init=False)
    waker: Waker = field(init=False)
    _refused: dict[str, Refused] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.rows, self.decisions = Rows(self.database), Decisions(self.database)
        self.waker = Waker(self.settings.redis_url)

    def count(self) -> Figures:
        """Return what this process counts; it counts from the first call on."""
        from solvent.app.figures import Figures  # only who serves needs its library

        if self.figures is None:
            self.figures = Figures(self)
            self.decisions.on_commit = self.figures.commits.observe
        return self.figures

    def last_checkpoint(self) -> Noted | None:
        """Return when a checkpoint of the audit was last written from this home, and how far."""
        return last_checkpoint(self.settings.home)

    @property
    def audit(self) -> Audit:
        """The chain of everything decided."""
        return Audit(self.database)

    @property
    def clients(self) -> Clients:
        """The clients anything is known of."""
        return Clients(self.database)

    @property
    def keys(self) -> Keys:
        """Where API keys are kept."""
        return Keys(self.database, self.secret)

    @property
    def jobs(self) -> Jobs:
        """Where background jobs are kept."""
        return Jobs(self.database)

    @property
    def outcomes(self) -> Outcomes:
        """Where it is kept what became of loans."""
        return Outcomes(self.database)

    @property
    def batches(self) -> Batches:
        """Where batches of applications are kept."""
        return Batches(self.database)

    @property
    def standings(self) -> Standings:
        """Where scored clients are kept."""
        return Standings(self.database)

    def product(self, name: str) -> LiveProduct:
        """Return a product that can decide.

        Raises:
            NotServedError: There is none of that name.
        """
        if name not in self.live:
            raise NotServedError(
                "no such product is served",
                hint=f"served: {', '.join(self.live) or 'none'}; a product is served once it has a "
                "model (solvent train DIR) and a policy (solvent policy DIR)",
                field="product",
            )  # fmt: skip
        return self.live[name]

    def refresh(self) -> bool:
        """Load products whose newest model or policy is not the one loaded; True where any was.

        Threads that look at the same time do so one after the other.
        """
        with self._turn:
            live, not_live, changed = dict(self.live), dict(self.not_live), False
            for name in self.models.products():
                held = live.get(name)
                newest = (self.models.versions(name)[-1:], self.policies.versions(name)[-1:])
                refused = newest, self._times(name, newest)
                if refused == self._refused.get(name) or (
                    held is not None
                    and newest == ((held.registered.version,), (held.versioned.version,))
                ):
                    continue
                try:
                    typings = self.rows.typings(name)
                except StoreError as error:  # the next look may find the database well again
                    not_live[name] = str(error)
                    continue
                try:
                    loaded = self._load(name)
                    _require_typings(loaded, typings)
                    live[name], changed = loaded, True
                    not_live.pop(name, None)
                except SolventError as error:
                    not_live[name] = str(error)
                    # Read again when there is something new: somebody looks all the time.
                    self._refused[name] = refused
                except Exception as error:  # noqa: BLE001 - an edge: others must be served still
                    not_live[name] = f"it cannot be loaded ({type(error).__name__})"
                    self._refused[name] = refused
            self.not_live = not_live
            self.live = live  # at once: who decides meanwhile sees all of it, or nothing
        return changed

    def _times(self, name: str, newest: Newest) -> tuple[int, ...]:
        """Return when the newest versions, and what vouches for them, last changed, nanoseconds.

        The time a file's entry changed: that of its content is copied along with a file.
        """
        home, (models, policies) = self.settings.home, newest
        places = [home / TRUSTED, self.settings.trusted_keys_file or home / SIGNING_FILE]
        places += [home / "policies" / name / f"{version}.json" for version in policies]
        for version in models:
            folder = self.models.path(name, version)
            places += [folder, *islice(folder.iterdir(), MOST_FILES)]
        return tuple(_changed(place) for place in places)

    def _load(self, name: str) -> LiveProduct:
        return self.pinned(name)

    def pinned(self, name: str, model: int | None = None, policy: int | None = None) -> LiveProduct:
        """Return a product by versions of its model and policy, the newest by default.

        Raises:
            BundleError: The model is gone or was changed.
            StoreError: The policy is gone or was changed.
            DeclarationError: The two do not fit.
        """
        registered, kept = self.models.load(name, model), self.policies.load(name, policy)
        population = self.models.population(name, registered.version, "test")
        return go_live(registered, _versioned(kept), population)

    def data_clock(self, product: str) -> int:
        """Return the instant as of which clients are looked at: now, or where the data end.

        Where the newest live row is older than now, windows that end now would be empty; they
        then end just after that row.
        """
        newest = self.rows.newest_available(product)
        if newest is None or newest <= ALWAYS:  # rows that were always known tell no time
            return self.now()
        return min(self.now(), newest + 1)

    def require_writable(self) -> None:
        """Write to the store and to the audit, changing nothing.

        Raises:
            StoreError: One cannot be written.
        """
        from solvent.store.schema import VERSION_TABLE  # alembic takes a while to import

        touch = text(f"UPDATE {VERSION_TABLE} SET version_num = version_num")  # noqa: S608 - our own
        with self.database.transaction() as connection:
            connection.execute(touch)
        self.audit.require_writable()

    def token(self, decision_id: str) -> str:
        """Return the token that lets an applicant see one decision."""
        made = hmac.new(self.secret, f"decision:{decision_id}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(made).decode().rstrip("=")

    def is_token(self, decision_id: str, token: str) -> bool:
        """Return whether a token is the decision's, in constant time."""
        return hmac.compare_digest(self.token(decision_id).encode(), token.encode())

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def open_service(settings: Settings, *, folders: Sequence[Path] = ()) -> Service:
    """Open what is kept, register the policies of product folders, and load every live product.

    Args:
        settings: Where things are kept.
        folders: Folders of products whose `policy.yaml` is to be registered where it is new.

    Raises:
        DeclarationError: A policy is not sound.
        StoreError: What is kept cannot be opened.
    """
    database = Database.open(settings.home, settings.database_url)
    service = Service(
        settings=settings, models=ModelRegistry(settings.home),
        policies=PolicyRegistry(settings.home), database=database,
        secret=load_secret(settings.home),
    )  # fmt: skip
    for folder in folders:
        register_policy(service.policies, folder)
    service.refresh()
    return service


def _changed(place: Path) -> int:
    try:
        return place.lstat().st_ctime_ns
    except OSError:
        return 0


def _require_typings(live: LiveProduct, kept: Mapping[str, str]) -> None:
    """Refuse a product that would read kept rows otherwise than they were typed."""
    for source, typing in kept.items():
        declared = live.typings.get(source)
        if declared is not None and declared.name != typing:
            raise DeclarationError(
                "its rows are kept under another declaration", hint=OTHER_TYPING, field=source
            )


def register_policy(policies: PolicyRegistry, folder: Path) -> RegisteredPolicy:
    """Keep the policy of a product's folder; the newest version where it says the same.

    Raises:
        MissingFileError: There is no policy in the folder.
        DeclarationError: The policy is not sound.
    """
    document, policy = read_policy(folder)
    return policies.add(policy.product, document)


def versioned_policy(folder: Path) -> Versioned:
    """Return the policy of a product's folder as it stands in the file."""
    document, policy = read_policy(folder)
    digest = hashlib.sha256(to_bytes(document)).hexdigest()
    return Versioned(policy=policy, version=0, digest=digest)


def has_policy(folder: Path) -> bool:
    """Return True where a product's folder holds a policy."""
    return (folder / FILE).is_file()


def _versioned(kept: RegisteredPolicy) -> Versioned:
    return Versioned(policy=parse_policy(kept.document), version=kept.version, digest=kept.digest)
