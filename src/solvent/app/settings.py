"""Settings: read from the environment once, at the edge; every one has a default that is safe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from solvent.app.batch_limits import LIMITS, BatchLimits
from solvent.app.limits import Limits, read_limits
from solvent.domain import LONGEST_LEASE
from solvent.errors import DeclarationError
from solvent.store import home

LOOPBACK = "127.0.0.1"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - told apart, not listened to
API_PORT, UI_PORT = 8000, 8501
DATABASE_URL, REDIS_URL = "SOLVENT_DATABASE_URL", "SOLVENT_REDIS_URL"
_LONGEST = 8192
"""Letters of a secret that is read from a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are kept and listened to.

    Args:
        home: Folder of models, policies, keys and the database (`SOLVENT_HOME`).
        database_url: SQLAlchemy URL (`SOLVENT_DATABASE_URL`, or the content of the file that
            `SOLVENT_DATABASE_URL_FILE` names); None keeps SQLite in `home`.
        database_plain: True where a database elsewhere may be talked to without TLS
            (`SOLVENT_DATABASE_PLAIN=1`): a private network's.
        redis_url: Address of Redis (`SOLVENT_REDIS_URL`, or ..._FILE); None for none.
        host: Address the API listens on (`SOLVENT_HOST`); by default this machine alone.
        ui_host: Address the pages listen on (`SOLVENT_UI_HOST`); by default this machine alone.
        api_port: Port of the API (`SOLVENT_API_PORT`).
        ui_port: Port of the pages (`SOLVENT_UI_PORT`).
        api_url: Where the pages find the API (`SOLVENT_API_URL`).
        tls_cert: PEM file of the certificate and its chain (`SOLVENT_TLS_CERT`).
        tls_key: PEM file of its private key (`SOLVENT_TLS_KEY`).
        trusted_proxy: Addresses and networks of the proxy that ends TLS, whose X-Forwarded-For
            and X-Forwarded-Proto are believed (`SOLVENT_TRUSTED_PROXY`, with commas between).
        admin_key_file: Holds the first admin's key (`SOLVENT_ADMIN_KEY_FILE`).
        secret_files: Every file named by a setting that holds a secret, by that setting.
        signing_key_file: Private key that signs what is kept (`SOLVENT_SIGNING_KEY_FILE`).
        trusted_keys_file: Public keys whose signatures are believed (`SOLVENT_TRUSTED_KEYS_FILE`).
        limits: How much the API takes from one caller, and how much at once.
        batches: What a batch may be, and for how long a worker has a part of one
            (`SOLVENT_BATCH_LEASE_SECONDS`).
    """

    home: Path
    database_url: str | None = None
    database_plain: bool = False
    redis_url: str | None = None
    host: str = LOOPBACK
    ui_host: str = LOOPBACK
    api_port: int = API_PORT
    ui_port: int = UI_PORT
    api_url: str = f"http://{LOOPBACK}:{API_PORT}"
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxy: tuple[str, ...] = ()
    admin_key_file: Path | None = None
    signing_key_file: Path | None = None
    trusted_keys_file: Path | None = None
    secret_files: tuple[tuple[str, Path], ...] = ()
    limits: Limits = field(default_factory=Limits)
    batches: BatchLimits = LIMITS

    @property
    def scheme(self) -> str:
        """How the API and the pages are spoken to: "https" where they have a certificate."""
        return "http" if self.tls_cert is None else "https"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings the environment gives.

    Raises:
        DeclarationError: A port is no port, a switch is neither on nor off, a value is given twice,
            a limit is no limit, or a file named to hold one cannot be read.
    """
    api_port = _port(environment, "SOLVENT_API_PORT", API_PORT)
    host = environment.get("SOLVENT_HOST") or LOOPBACK
    tls_cert = _path(environment, "SOLVENT_TLS_CERT")
    reached = address(LOOPBACK if host in EVERYWHERE else host)
    scheme = "http" if tls_cert is None else "https"
    secrets = {
        "SOLVENT_TLS_KEY": _path(environment, "SOLVENT_TLS_KEY"),
        "SOLVENT_ADMIN_KEY_FILE": _path(environment, "SOLVENT_ADMIN_KEY_FILE"),
        "SOLVENT_SIGNING_KEY_FILE": _path(environment, "SOLVENT_SIGNING_KEY_FILE"),
        "SOLVENT_DATABASE_URL_FILE": _path(environment, "SOLVENT_DATABASE_URL_FILE"),
        "SOLVENT_REDIS_URL_FILE": _path(environment, "SOLVENT_REDIS_URL_FILE"),
    }
    return Settings(
        home=home(environment), database_url=_secret(environment, DATABASE_URL),
        database_plain=_switch(environment, "SOLVENT_DATABASE_PLAIN"),
        redis_url=_secret(environment, REDIS_URL), host=host,
        ui_host=environment.get("SOLVENT_UI_HOST") or LOOPBACK, api_port=api_port,
        ui_port=_port(environment, "SOLVENT_UI_PORT", UI_PORT),
        api_url=environment.get("SOLVENT_API_URL") or f"{scheme}://{reached}:{api_port}",
        tls_cert=tls_cert, tls_key=secrets["SOLVENT_TLS_KEY"],
        trusted_proxy=_list(environment, "SOLVENT_TRUSTED_PROXY"),
        admin_key_file=secrets["SOLVENT_ADMIN_KEY_FILE"],
        signing_key_file=secrets["SOLVENT_SIGNING_KEY_FILE"],
        trusted_keys_file=_path(environment, "SOLVENT_TRUSTED_KEYS_FILE"),
        batches=BatchLimits(lease_seconds=_lease(environment)),
        secret_files=tuple((name, path) for name, path in secrets.items() if path is not None),
        limits=read_limits(environment),
    )  # fmt: skip


def address(host: str) -> str:
    """Return a host as it stands in an address.

    >>> address("::1"), address("127.0.0.1")
    ('[::1]', '127.0.0.1')
    """
    return f"[{host}]" if ":" in host else host


def read_secret_file(path: Path, field: str) -> str:
    """Return the secret a file holds, without the end of its line.

    Args:
        path: The file.
        field: The setting that names it.

    Raises:
        DeclarationError: It cannot be read, or does not hold one line of text.
    """
    try:
        with path.open("rb") as file:
            found = file.read(_LONGEST + 1).decode("utf-8").strip()
    except OSError as error:
        raise DeclarationError(
            f"{path} cannot be read: {error.strerror}",
            hint="name a file that is there and that you may read", field=field,
        ) from error  # fmt: skip
    except UnicodeDecodeError:
        found = ""
    if not found or len(found) > _LONGEST or len(found.splitlines()) != 1:
        raise DeclarationError(
            f"{path} does not hold one line of text", hint="write the value alone into it",
            field=field,
        )  # fmt: skip
    return found


def _secret(environment: Mapping[str, str], name: str) -> str | None:
    """Return a value that is given itself or by a file that holds it."""
    plain, file = environment.get(name) or None, _path(environment, f"{name}_FILE")
    if file is None:
        return plain
    if plain is not None:
        raise DeclarationError(
            f"is given, and {name}_FILE as well", hint="give one of the two", field=name
        )
    return read_secret_file(file, f"{name}_FILE")


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    text = environment.get(name)
    return Path(text) if text else None


def _list(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in environment.get(name, "").split(",") if part.strip())


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "0"
    if text not in {"0", "1"}:
        raise DeclarationError("is neither on nor off", hint="write 1 or 0", field=name)
    return text == "1"


def _lease(environment: Mapping[str, str]) -> int:
    name, default = "SOLVENT_BATCH_LEASE_SECONDS", LIMITS.lease_seconds
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:6]) <= LONGEST_LEASE:
        raise DeclarationError(
            "is no time a worker may have", hint=f"seconds, 1 to {LONGEST_LEASE:,}", field=name
        )
    return int(text)


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    digits = text.isascii() and text.isdecimal() and len(text) <= len("65535")
    if not digits or not 0 < int(text) < 65_536:
        raise DeclarationError("is no port", hint=f"give a number such as {default}", field=name)
    return int(text)
