"""Running the API and the pages: one process each, on this machine alone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from solvent.app.bootstrap import Service, open_service
from solvent.app.settings import EVERYWHERE, LOOPBACK, Settings, address, read_secret_file
from solvent.cli.terminal import out, show_warning
from solvent.errors import DeclarationError, MissingExtraError, NotServedError
from solvent.store import Role


def open_for_serving(settings: Settings, folders: Sequence[Path]) -> Service:
    """Open what is kept, tell what is served and what not, and make the first admin key.

    Raises:
        NotServedError: No product can decide.
    """
    service = open_service(settings, folders=folders)
    for name, why in service.not_live.items():
        show_warning(f"{name} is not served: {why}")
    if not service.live:
        service.close()
        raise NotServedError(
            f"no product in {settings.home} can decide",
            hint="train a model and give it a policy: solvent train DIR, then solvent up "
            "--product DIR",
            field="SOLVENT_HOME",
        )  # fmt: skip
    for live in service.live.values():
        out.print(
            f"serving  {live.name}: model {live.registered.version}, policy "
            f"{live.versioned.version} ({live.policy.name})",
            markup=False,
        )
    if settings.admin_key_file is not None:
        _adopt_admin(service, settings.admin_key_file)
    elif not service.keys.any_admin():
        _, plain = service.keys.create(Role.ADMIN, name="first", created_at=service.now())
        out.print(f"\nadmin key (shown this once): {plain}\n", markup=False)
    else:
        where = f"SOLVENT_HOME={settings.home} "
        out.print(f"keys     {where}solvent keys create --role ROLE makes another", markup=False)
    return service


def _adopt_admin(service: Service, path: Path) -> None:
    """Let the key in a file open what an admin's opens; said, and never printed."""
    field = "SOLVENT_ADMIN_KEY_FILE"
    plain = read_secret_file(path, field)
    record = service.keys.adopt(plain, Role.ADMIN, name="from a file", created_at=service.now())
    if record is None:
        raise DeclarationError(
            f"{path} holds no key that opens anything", field=field,
            hint="write slv_ and 43 random letters of A-Z a-z 0-9 _ - into it, as in "
            "python3 -c 'import secrets; print(\"slv_\" + secrets.token_urlsafe(32))'; a key that "
            "was revoked stays so",
        )  # fmt: skip
    out.print(f"keys     the admin key is the one in {path}", markup=False)


def has_form(service: Service) -> bool:
    """Return whether anybody may apply for something."""
    return any(live.facts["public"] for live in service.live.values())


def require_free(host: str, ports: Mapping[str, int]) -> None:
    """Refuse ports somebody listens on already, before anything is started.

    Args:
        host: Address to listen on.
        ports: Name of the setting -> port.

    Raises:
        DeclarationError: One is taken.
    """
    for name, port in ports.items():
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise DeclarationError(
                    f"port {port} cannot be listened on: {error.strerror}",
                    hint="is solvent running already, is the address this machine's? otherwise "
                    "choose another port", field=name,
                ) from error  # fmt: skip


@contextmanager
def ended_kindly() -> Iterator[None]:
    """Let what was started be stopped on SIGTERM too, as it is on Ctrl-C."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_api(settings: Settings, service: Service, *, worker: bool) -> None:
    """Serve the API until it is told to stop.

    Args:
        settings: Where to listen.
        service: Everything that is wired together; closed at the end.
        worker: True to do background jobs in this process as well.
    """
    import uvicorn

    from solvent.serve import create_api
    from solvent.serve.protocol import MOST_CONNECTIONS, PatientProtocol

    try:
        uvicorn.run(
            create_api(service, worker=worker), host=settings.host, port=settings.api_port,
            log_level="warning", access_log=False, server_header=False, http=PatientProtocol,
            limit_concurrency=MOST_CONNECTIONS,
            ssl_certfile=settings.tls_cert, ssl_keyfile=settings.tls_key,
            # without a proxy nobody is believed, this machine's other programs neither
            proxy_headers=bool(settings.trusted_proxy),
            forwarded_allow_ips=list(settings.trusted_proxy),
        )  # fmt: skip
    finally:
        service.close()


def start_pages(settings: Settings) -> subprocess.Popen[bytes]:
    """Start the pages in a process of their own.

    Raises:
        MissingExtraError: Streamlit is not installed.
    """
    from importlib.util import find_spec

    from solvent.ui.launch import command, environment

    if find_spec("streamlit") is None:
        raise MissingExtraError(
            "the pages need Streamlit, which is not installed", hint='install "solvent[ui]"',
            field="ui",
        )  # fmt: skip
    return subprocess.Popen(  # noqa: S603 - our own command line
        command(
            port=settings.ui_port,
            address=settings.ui_host,
            cert=settings.tls_cert,
            key=settings.tls_key,
        ),
        env={**os.environ, **environment(settings.api_url)},
    )


def run_both(settings: Settings, service: Service) -> None:
    """Serve API, worker and pages together; where one ends, all do."""
    pages = start_pages(settings)

    def watch() -> None:
        if pages.wait() != 0:
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()
    try:
        with ended_kindly():
            run_api(settings, service, worker=True)
    finally:
        stop(pages)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, kindly first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()


def show_addresses(settings: Settings, *, api: bool, ui: bool, form: bool = True) -> None:
    """Print where to look; the form only where a product declares one."""
    base = f"{settings.scheme}://{_shown(settings.host)}"
    if ui:
        pages = f"{settings.scheme}://{_shown(settings.ui_host)}:{settings.ui_port}"
        out.print(f"pages    {pages}   sign in with an API key")
    if api and form:
        out.print(f"form     {base}:{settings.api_port}/apply")
    if api:
        out.print(f"API      {base}:{settings.api_port}/docs")
    out.print("stop     Ctrl-C")
    sys.stdout.flush()


def _shown(host: str) -> str:
    """Return where a host that is listened on is found from this machine."""
    return address(LOOPBACK if host in EVERYWHERE else host)
