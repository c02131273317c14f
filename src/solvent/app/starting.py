"""What stands against a start: each setting that would harm somebody, told with its fix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import solvent
from solvent.app.addresses import is_loopback, plain_database_host, redis_fault, require_networks
from solvent.app.certificates import certificate_fault
from solvent.app.private_files import private_files, readable_by_others, writable_by_others
from solvent.app.settings import DATABASE_URL, REDIS_URL, Settings
from solvent.errors import DeclarationError, Refusal, SolventError, StartError
from solvent.store import Audit, Database, Keys, load_secret

HOST, UI_HOST = "SOLVENT_HOST", "SOLVENT_UI_HOST"
SLACK = timedelta(days=2)
"""How far this machine's clock may be behind that of the machine the software was installed on."""
_HOME = "SOLVENT_HOME"
_UNSAFE_TO_OPEN = frozenset({_HOME, DATABASE_URL})


def require_startable(
    settings: Settings, *, listens: Mapping[str, str], now: int, store: bool = True
) -> None:
    """Refuse to start where a setting would harm somebody.

    Args:
        settings: What was set.
        listens: Setting -> address the program is about to listen on; empty for none.
        now: The clock, int UTC microseconds.
        store: True where the program keeps decisions, so that they must be writable.

    Raises:
        StartError: Something stands against it; all of it is told.
    """
    found = refusals(settings, listens=listens, now=now, store=store)
    if found:
        raise StartError(found)


def refusals(
    settings: Settings, *, listens: Mapping[str, str], now: int, store: bool = True
) -> tuple[Refusal, ...]:
    """Return everything that stands against a start; see `require_startable`."""
    public = {name: host for name, host in listens.items() if not is_loopback(host)}
    found = [
        *_listening(settings, public),
        *_certificate(settings, now),
        *_files(settings),
        *_elsewhere(settings),
        *_clock(now),
    ]
    if store and not _UNSAFE_TO_OPEN & {one.field for one in found}:
        found += _store(settings, public=HOST in public)
    return tuple(found)


def _listening(settings: Settings, public: Mapping[str, str]) -> Iterator[Refusal]:
    """Yield what is missing to listen to other machines."""
    for name, host in public.items():
        if settings.tls_cert is None and not settings.trusted_proxy:
            yield Refusal(
                field=name,
                message=f"{host} can be reached from elsewhere, and nothing keeps what is sent "
                "secret",
                fix="set SOLVENT_TLS_CERT and SOLVENT_TLS_KEY, or SOLVENT_TRUSTED_PROXY to the "
                "address of the proxy that ends TLS, or leave it at 127.0.0.1",
            )
    try:
        require_networks(settings.trusted_proxy)
    except DeclarationError as error:
        yield _refusal(error)


def _certificate(settings: Settings, now: int) -> Iterator[Refusal]:
    """Yield what is wrong with the certificate or its key."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        absent = "SOLVENT_TLS_CERT" if settings.tls_cert is None else "SOLVENT_TLS_KEY"
        yield Refusal(
            field=absent, message="is not set, though the other half of the pair is",
            fix="set both SOLVENT_TLS_CERT and SOLVENT_TLS_KEY, or neither",
        )  # fmt: skip
    elif settings.tls_cert is not None and settings.tls_key is not None:
        fault = certificate_fault(settings.tls_cert, settings.tls_key, now)
        if fault is not None:
            yield fault


def _files(settings: Settings) -> Iterator[Refusal]:
    """Yield files that others may read or change and must not."""
    for field, path in private_files(settings):
        mode = readable_by_others(path)
        if mode is not None:
            yield Refusal(
                field=field, message=f"others may use {path} (its mode is {mode:o})",
                fix=f"chmod {'700' if path.is_dir() else '600'} {path}",
            )  # fmt: skip
    trusted = settings.trusted_keys_file
    places = [("SOLVENT_TRUSTED_KEYS_FILE", trusted)] if trusted else []
    folder = settings.home / "trusted"
    if folder.is_dir():
        places += [(_HOME, path) for path in (folder, *sorted(folder.iterdir()))]
    for field, place in places:
        mode = writable_by_others(place)
        if mode is not None:
            yield Refusal(
                field=field,
                message=f"others may change {place}, whose keys are trusted (its mode is {mode:o})",
                fix=f"chmod go-w {place}, after a look at what is in it",
            )


def _elsewhere(settings: Settings) -> Iterator[Refusal]:
    """Yield what would go over a network as it is."""
    host = None if settings.database_plain else plain_database_host(settings.database_url)
    if host is not None:
        yield Refusal(
            field=DATABASE_URL,
            message=f"the database on {host} would be talked to without TLS that is required",
            fix="add ?sslmode=verify-full (or require) to the address, or set "
            "SOLVENT_DATABASE_PLAIN=1 where the network between is yours alone",
        )
    fault = redis_fault(settings.redis_url)
    if fault is not None:
        yield Refusal(
            field=REDIS_URL, message=fault,
            fix="give Redis a password (requirepass) and write redis://:PASSWORD@HOST:PORT/0",
        )  # fmt: skip


def _clock(now: int) -> Iterator[Refusal]:
    """Yield a clock that is before the day this software was installed."""
    installed = datetime.fromtimestamp(Path(solvent.__file__).stat().st_mtime, tz=UTC)
    clock = datetime.fromtimestamp(now / 1e6, tz=UTC)
    if clock < installed - SLACK:
        yield Refusal(
            field="clock",
            message=f"it is {clock:%Y-%m-%d} by this machine, and this software was installed on "
            f"{installed:%Y-%m-%d}: decisions would bear a wrong time",
            fix="set the machine's clock (timedatectl set-ntp true), then start again",
        )


def _store(settings: Settings, *, public: bool) -> Iterator[Refusal]:
    """Yield what is wrong with the place decisions are kept in."""
    try:
        database = Database.open(settings.home, settings.database_url)
    except SolventError as error:
        yield _refusal(error, field=DATABASE_URL)
        return
    try:
        Audit(database).require_writable()
        keys = Keys(database, load_secret(settings.home))
        if public and settings.admin_key_file is None and not keys.any_admin():
            yield Refusal(
                field=HOST, message="other machines could ask, and there is no API key yet",
                fix="make one first: solvent keys create --role admin; or name a file that holds "
                "one: SOLVENT_ADMIN_KEY_FILE",
            )  # fmt: skip
    except SolventError as error:
        yield Refusal(
            field="audit", message=f"the audit cannot be written: {error.message}",
            fix="make room and let this user write where the database is; solvent audit verify "
            "tells whether it is whole",
        )  # fmt: skip
    finally:
        database.close()


def _refusal(error: SolventError, *, field: str = "") -> Refusal:
    return Refusal(field=error.field or field, message=error.message, fix=error.hint)
