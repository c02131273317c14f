"""Refusals to start: each is found, names its setting and its fix; what is safe is not refused."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

import solvent
from solvent.app.settings import EVERYWHERE, read_settings
from solvent.app.starting import HOST, UI_HOST, refusals, require_startable
from solvent.cli.main import app
from solvent.errors import Refusal, StartError
from solvent.store import Database, Keys, Role, load_secret
from tests.app.starts import NOW, write_certificate, write_secret

DAY = 86_400_000_000
AUDIT_REFUSES = """CREATE TRIGGER deaf BEFORE INSERT ON audit BEGIN
    SELECT RAISE(ABORT, 'disk full'); END"""


@dataclass(slots=True, kw_only=True)
class Place:
    """A home that may be started from, and the environment that names it.

    Args:
        root: A folder of the test's own.
        environment: Further variables.
    """

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """SOLVENT_HOME."""
        return self.root / "home"

    def found(self, *, now: int = NOW, store: bool = True, ui: bool = False) -> tuple[Refusal, ...]:
        """Return what stands against a start."""
        settings = read_settings({"SOLVENT_HOME": str(self.home), **self.environment})
        listens = {UI_HOST: settings.ui_host} if ui else {HOST: settings.host}
        return refusals(settings, listens=listens, now=now, store=store)

    def one(self, field_: str, *words: str, now: int = NOW, store: bool = True) -> Refusal:
        """Return the only thing that stands against a start, about a setting."""
        (found,) = self.found(now=now, store=store)
        assert found.field == field_
        assert found.fix
        assert "\n" not in found.message + found.fix
        for word in words:
            assert word in f"{found.message} {found.fix}"
        return found

    def make_admin(self) -> None:
        """Make an admin's key."""
        database = Database.open(self.home)
        Keys(database, load_secret(self.home)).create(Role.ADMIN, name="a", created_at=NOW)
        database.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(root=tmp_path)
    made.make_admin()
    assert made.found() == ()
    return made


@pytest.mark.parametrize("host", [*EVERYWHERE, "10.1.2.3", "api.lender", "192.168.0.4"])
def test_a_public_address_without_tls_or_a_proxy_is_refused(place: Place, host: str) -> None:
    place.environment = {"SOLVENT_HOST": host}
    place.one("SOLVENT_HOST", host, "SOLVENT_TLS_CERT", "SOLVENT_TRUSTED_PROXY", "127.0.0.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_alone_needs_nothing(place: Place, host: str) -> None:
    place.environment = {"SOLVENT_HOST": host, "SOLVENT_UI_HOST": host}
    assert place.found() == place.found(ui=True) == ()


def test_the_pages_listen_elsewhere_by_the_same_rules(place: Place) -> None:
    place.environment = {"SOLVENT_UI_HOST": EVERYWHERE[0]}
    (found,) = place.found(ui=True, store=False)
    assert found.field == "SOLVENT_UI_HOST"
    place.environment["SOLVENT_TRUSTED_PROXY"] = "172.18.0.0/16"
    assert place.found(ui=True, store=False) == ()


def test_a_proxy_or_a_certificate_opens_a_public_address(place: Place) -> None:
    place.environment = {
        "SOLVENT_HOST": EVERYWHERE[0],
        "SOLVENT_TRUSTED_PROXY": "10.0.0.7, fd00::/64",
    }
    assert place.found() == ()
    cert, key = write_certificate(place.root)
    place.environment = {
        "SOLVENT_HOST": EVERYWHERE[0], "SOLVENT_TLS_CERT": str(cert), "SOLVENT_TLS_KEY": str(key),
    }  # fmt: skip
    assert place.found() == ()


def test_a_public_address_without_any_key_is_refused_until_there_is_one(tmp_path: Path) -> None:
    place = Place(root=tmp_path)
    place.environment = {"SOLVENT_HOST": EVERYWHERE[0], "SOLVENT_TRUSTED_PROXY": "10.0.0.7"}
    place.one("SOLVENT_HOST", "no API key", "solvent keys create --role admin")
    file = write_secret(tmp_path / "admin", f"slv_{secrets.token_urlsafe(32)}\n")
    given = Place(
        root=tmp_path, environment={**place.environment, "SOLVENT_ADMIN_KEY_FILE": str(file)}
    )
    assert given.found() == ()
    place.make_admin()
    assert place.found() == ()


@pytest.mark.parametrize("proxy", ["*", "0.0.0.0/0", "::/0", "proxy", "10.0.0.7/8", "10.0.0.0/7"])
def test_a_proxy_that_is_everybody_or_nobody_is_refused(place: Place, proxy: str) -> None:
    place.environment = {"SOLVENT_HOST": EVERYWHERE[0], "SOLVENT_TRUSTED_PROXY": proxy}
    place.one("SOLVENT_TRUSTED_PROXY", "10.0.0.7" if "/" not in proxy else "network")


def _half(place: Place) -> None:
    place.environment["SOLVENT_TLS_KEY"] = ""


def _strange(place: Place) -> None:
    other = place.root / "other"
    other.mkdir()
    place.environment["SOLVENT_TLS_KEY"] = str(write_certificate(other)[1])


def _old(place: Place) -> None:
    write_certificate(place.root, days=-1)


def _absent(place: Place) -> None:
    place.environment["SOLVENT_TLS_CERT"] = str(place.root / "nowhere.pem")


def _no_pem(place: Place) -> None:
    Path(place.environment["SOLVENT_TLS_CERT"]).write_text("hello")


@pytest.mark.parametrize(
    ("harm", "name", "word"),
    [
        (_half, "SOLVENT_TLS_KEY", "other half"),
        (_strange, "SOLVENT_TLS_CERT", "no certificate and its key"),
        (_old, "SOLVENT_TLS_CERT", "renew"),
        (_absent, "SOLVENT_TLS_CERT", "No such file"),
        (_no_pem, "SOLVENT_TLS_CERT", "no certificate and its key"),
    ],
)
def test_a_certificate_nobody_could_be_served_with_is_refused(
    place: Place, harm: Callable[[Place], None], name: str, word: str
) -> None:
    cert, key = write_certificate(place.root)
    place.environment = {"SOLVENT_TLS_CERT": str(cert), "SOLVENT_TLS_KEY": str(key)}
    harm(place)
    place.one(name, word)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
@pytest.mark.parametrize("name", ["secret.key", "signing.key", "solvent.db", "solvent.db-wal"])
def test_what_others_may_read_in_the_home_is_refused(place: Place, name: str, mode: int) -> None:
    path = place.home / name
    path.touch()
    path.chmod(mode)
    place.one("SOLVENT_HOME", f"chmod 600 {path}", f"{mode:o}")
    path.chmod(0o600)
    assert not [one for one in place.found() if one.field == "SOLVENT_HOME"]


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o755, 0o777, 0o701])
def test_a_home_others_may_look_into_is_refused(place: Place, mode: int) -> None:
    place.home.chmod(mode)
    place.one("SOLVENT_HOME", f"chmod 700 {place.home}", f"{mode:o}")


@pytest.mark.parametrize(
    "name",
    [
        "SOLVENT_TLS_KEY", "SOLVENT_ADMIN_KEY_FILE", "SOLVENT_SIGNING_KEY_FILE",
        "SOLVENT_DATABASE_URL_FILE", "SOLVENT_REDIS_URL_FILE",
    ],
)  # fmt: skip
def test_a_file_with_a_secret_others_may_read_is_refused(place: Place, name: str) -> None:
    cert, key = write_certificate(place.root)
    text = {
        "SOLVENT_TLS_KEY": key.read_text(), "SOLVENT_DATABASE_URL_FILE": "sqlite:///" + str(
            place.root / "other.db"
        ), "SOLVENT_REDIS_URL_FILE": "redis://127.0.0.1:6379/0",
    }.get(name, "slv_anything")  # fmt: skip
    file = write_secret(place.root / "given", text, mode=0o640)
    place.environment = {name: str(file)}
    if name == "SOLVENT_TLS_KEY":
        place.environment["SOLVENT_TLS_CERT"] = str(cert)
    place.one(name, f"chmod 600 {file}")
    file.chmod(0o400)
    assert place.found() == ()


def test_a_database_file_elsewhere_that_others_may_read_is_refused(place: Place) -> None:
    file = place.root / "other.db"
    place.environment = {"SOLVENT_DATABASE_URL": f"sqlite:///{file}"}
    assert place.found() == ()
    file.chmod(0o664)
    place.one("SOLVENT_DATABASE_URL", f"chmod 600 {file}")


def test_trusted_keys_others_may_change_are_refused(place: Place) -> None:
    file = write_secret(place.root / "keys.pem", "any", mode=0o666)
    place.environment = {"SOLVENT_TRUSTED_KEYS_FILE": str(file)}
    place.one("SOLVENT_TRUSTED_KEYS_FILE", "chmod go-w")
    file.chmod(0o644)  # anybody may know a public key
    assert place.found() == ()
    folder = place.home / "trusted"
    folder.mkdir(mode=0o700)
    inside = write_secret(folder / "one.pem", "any", mode=0o622)
    place.one("SOLVENT_HOME", f"chmod go-w {inside}")


def test_an_audit_that_cannot_be_written_is_refused(place: Place) -> None:
    with sqlite3.connect(place.home / "solvent.db") as connection:
        connection.execute(AUDIT_REFUSES)
    connection.close()
    place.one("audit", "cannot be written", "solvent audit verify")


def test_a_database_that_cannot_be_opened_is_refused(place: Place) -> None:
    place.environment = {"SOLVENT_DATABASE_URL": f"sqlite:///{place.root}"}
    (found,) = place.found(store=True)
    assert "database" in found.field.lower() + found.message
    assert found.fix


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("redis://127.0.0.1:6379/0", False), ("redis://localhost/0", False),
        ("redis://[::1]:6379", False), ("unix:///run/redis.sock", False),
        ("redis://:word@queue:6379/0", False), ("rediss://u:word@10.0.0.9", False),
        ("redis://queue:6379/0", True), ("redis://u@queue/0", True), ("redis://:@queue/0", True),
        ("http://127.0.0.1", True), ("queue:6379", True), ("redis://[::1", True),
    ],
)  # fmt: skip
def test_redis_elsewhere_needs_a_password(place: Place, url: str, refused: bool) -> None:
    place.environment = {"SOLVENT_REDIS_URL": url}
    if refused:
        place.one("SOLVENT_REDIS_URL", "requirepass")
    else:
        assert place.found() == ()


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgresql://u:hidden1@127.0.0.1/d", False), ("postgresql://u@localhost/d", False),
        ("postgresql:///d?host=/run/postgresql", False), ("postgresql:///d", False),
        ("postgresql://u:hidden1@db/d?sslmode=require", False),
        ("postgresql://u:hidden1@db/d?sslmode=verify-full", False),
        ("postgresql+psycopg://u:hidden1@10.0.0.3/d?sslmode=verify-ca", False),
        ("postgresql://u:hidden1@db/d", True), ("postgresql://u:hidden1@db/d?sslmode=prefer", True),
        ("postgresql+psycopg://u:hidden1@10.0.0.3/d?sslmode=allow", True),
        ("postgresql:///d?host=db", True), ("postgresql:///d?host=/run,db:5432", True),
        ("postgresql:///d?hostaddr=10.0.0.3", True),
    ],
)  # fmt: skip
def test_postgres_elsewhere_needs_tls_unless_declared(
    place: Place, url: str, refused: bool
) -> None:
    place.environment = {"SOLVENT_DATABASE_URL": url}
    if refused:
        told = place.one("SOLVENT_DATABASE_URL", "sslmode=verify-full", "SOLVENT_DATABASE_PLAIN=1")
        assert "hidden1" not in f"{told.message} {told.fix}"
    place.environment["SOLVENT_DATABASE_PLAIN"] = "1" if refused else "0"
    assert place.found(store=False) == ()


def test_a_clock_before_the_day_of_installation_is_refused(place: Place) -> None:
    installed = int(Path(solvent.__file__).stat().st_mtime * 1e6)
    place.one("clock", "1970-01-01", "set the machine's clock", now=DAY // 2)
    place.one("clock", now=installed - 2 * DAY - 1_000_000)
    slack = timedelta(days=2) / timedelta(microseconds=1)
    assert place.found(now=installed - int(slack) + 1_000_000) == ()


@pytest.mark.parametrize("command", ["up", "serve", "ui"])
def test_a_clock_set_back_stops_the_command(
    place: Place, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr("solvent.cli.up.clock", lambda: 982_000_000_000_000)
    environment = {"SOLVENT_HOME": str(place.home)}
    done = CliRunner().invoke(app, [command, "--check"], env=environment)
    assert done.exit_code == 1
    assert "clock: it is 2001-02-12" in " ".join(done.output.split())


def test_everything_that_is_wrong_is_told_at_once(place: Place) -> None:
    place.home.chmod(0o755)
    place.environment = {
        "SOLVENT_HOST": EVERYWHERE[0], "SOLVENT_REDIS_URL": "redis://queue", "SOLVENT_TLS_KEY": "k",
        "SOLVENT_DATABASE_URL": "postgresql://u:hidden1@db/d",
    }  # fmt: skip
    settings = read_settings({"SOLVENT_HOME": str(place.home), **place.environment})
    with pytest.raises(StartError) as caught:
        require_startable(settings, listens={HOST: settings.host}, now=DAY)
    fields = [one.field for one in caught.value.refusals]
    assert sorted(fields) == sorted(
        ["SOLVENT_HOST", "SOLVENT_TLS_CERT", "SOLVENT_HOME", "SOLVENT_DATABASE_URL",
         "SOLVENT_REDIS_URL", "clock"]
    )  # fmt: skip
    told = str(caught.value)
    assert told.count("\n  hint: ") == len(fields)
    assert all(f"{name}: " in told for name in fields)
    assert "hidden1" not in told


def test_a_database_that_would_be_talked_to_in_the_open_is_not_talked_to(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> Database:
        raise AssertionError("it was opened")

    monkeypatch.setattr("solvent.app.starting.Database.open", never)
    place.environment = {"SOLVENT_DATABASE_URL": "postgresql://u:hidden1@db/d"}
    place.one("SOLVENT_DATABASE_URL")
