"""Where addresses lead: to this machine alone, or over a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from solvent.errors import DeclarationError

_WIDEST = {4: 8, 6: 32}
"""The fewest bits a proxy's network may fix: fewer are half the world."""
_SECRET_MODES = frozenset({"require", "verify-ca", "verify-full"})


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches an address.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.1.2.3")]
    [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_networks(proxies: Sequence[str]) -> None:
    """Refuse what names no proxy, or everybody.

    Args:
        proxies: Addresses and networks.

    Raises:
        DeclarationError: One is neither, or is too wide.
    """
    for text in proxies:
        try:
            network = ip_network(text)
        except ValueError:
            raise DeclarationError(
                "a part of it is neither an address nor a network",
                hint="write addresses and networks such as 10.0.0.7 or 172.18.0.0/16, with commas "
                "between", field="SOLVENT_TRUSTED_PROXY",
            ) from None  # fmt: skip
        if network.prefixlen < _WIDEST[network.version]:
            raise DeclarationError(
                f"{network} would believe everybody who says whom they speak for",
                hint="name the proxy's own address or network", field="SOLVENT_TRUSTED_PROXY",
            )  # fmt: skip


def plain_database_host(url: str | None) -> str | None:
    """Return the host a Postgres database is talked to on without TLS that is required.

    Args:
        url: Address of the database; None for SQLite in a file.

    Returns:
        None where nothing leaves this machine, TLS is required, or it is no address at all.
    """
    try:
        parsed = make_url(url or "sqlite://")
        if parsed.get_backend_name() != "postgresql":
            return None
    except (ArgumentError, ValueError):
        return None  # whoever opens it says so
    if set(_values(parsed, "sslmode")) & _SECRET_MODES:
        return None
    away = (host for host in _hosts(parsed) if not host.startswith(("/", "@")))
    return next((host for host in away if not is_loopback(host)), None)


def redis_fault(url: str | None) -> str | None:
    """Return what is wrong with the address of Redis; None where nothing is.

    >>> redis_fault("redis://127.0.0.1:6379/0"), redis_fault("redis://:word@queue:6379/0")
    (None, None)
    >>> redis_fault("redis://queue:6379/0")
    'Redis on queue takes anybody: its address holds no password'
    """
    if url is None:
        return None
    try:
        parsed = urlsplit(url)
        host, password = parsed.hostname or "", parsed.password
    except ValueError:
        return "is no address of Redis"
    if parsed.scheme not in {"redis", "rediss", "unix"}:
        return "is no address of Redis"
    if parsed.scheme == "unix" or is_loopback(host or "localhost") or password:
        return None
    return f"Redis on {host} takes anybody: its address holds no password"


def _hosts(url: URL) -> Iterator[str]:
    """Yield every host an address of Postgres names; a socket's folder starts with a slash."""
    yield from filter(None, [url.host])
    for name in ("host", "hostaddr"):
        for value in _values(url, name):
            for host in value.split(","):
                yield host.rpartition(":")[0] if host.count(":") == 1 else host


def _values(url: URL, name: str) -> tuple[str, ...]:
    value = url.query.get(name, ())
    return (value,) if isinstance(value, str) else tuple(value)
