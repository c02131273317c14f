"""The images of the test, all from one base that is made here: no registry of images is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.engine import Engine, run, say
from tests.laws import ROOT

BASE = "SOLVENT_TEST_BASE"
"""Names an image to start from, where one can be had: python:3.11-slim-bookworm."""
TAG = "test-deploy"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
PIP_SETTINGS = Path("/etc/pip.conf")
# How this machine reaches its packages is its own affair: it goes into the base, no other file.
REACH = (
    "SSL_CERT_FILE", "PIP_CERT", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST",
    "UV_DEFAULT_INDEX", "UV_INDEX_URL", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY",
    "HTTPS_PROXY", "NO_PROXY",
)  # fmt: skip
STAGE = "solvent.stage"
"""Label of what is left of the building stages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Names of the images that the stack is made of."""

    serve: str = f"solvent:{TAG}"
    pages: str = f"solvent-pages:{TAG}"
    postgres: str = f"solvent-postgres:{TAG}"
    redis: str = f"solvent-redis:{TAG}"


@contextmanager
def built(engine: Engine, folder: Path) -> Iterator[Images]:
    """Build all images; they are removed at the end, and those of the building stages too.

    Args:
        engine: Where they are built.
        folder: Of the test's own, for the base.
    """
    images, own = Images(), f"solvent-base:{TAG}"
    base = os.environ.get(BASE, "")
    try:
        if not base:
            _make_base(engine, folder / "base", own)
            base = own
        for target, name in (("serve", images.serve), ("pages", images.pages)):
            _build(engine, name, base, target, ROOT / "deploy/Dockerfile", ROOT)
        for target, name in (("postgres", images.postgres), ("redis", images.redis)):
            where = ROOT / "deploy/test"
            _build(engine, name, base, target, where / "Dockerfile", where)
        yield images
    finally:
        names = [images.serve, images.pages, images.postgres, images.redis, own]
        there = engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()
        engine.docker("image", "prune", "--force", "--filter", f"label={STAGE}")
        gone = [name for name in names if name in there]
        if gone:
            engine.docker("image", "rm", "--force", *gone)
        say("the images are removed")


def _build(engine: Engine, name: str, base: str, target: str, file: Path, context: Path) -> None:
    say(f"building {name}")
    engine.docker(
        "build", "--quiet", "--force-rm", "--build-arg", f"BASE={base}", "--target", target,
        "--tag", name, "--file", str(file), str(context),
    )  # fmt: skip
    size = int(engine.docker("image", "inspect", "--format", "{{.Size}}", name))
    say(f"built {name}: {size / 1e6:,.0f} MB")


def _make_base(engine: Engine, folder: Path, name: str) -> None:
    """Make a slim Debian with Python, which trusts whom this machine trusts."""
    say("making the base: Debian and Python")
    try:
        run(
            [
                "debootstrap", "--variant=minbase",
                "--include=ca-certificates,python3,python3-venv", "bookworm", str(folder),
            ]
        )  # fmt: skip
        shutil.copy(CERTIFICATES, f"{folder}{CERTIFICATES}")
        if PIP_SETTINGS.exists():
            shutil.copy(PIP_SETTINGS, f"{folder}{PIP_SETTINGS}")
        run(["chroot", str(folder), "apt-get", "clean"])
        kept = {name: os.environ[name] for name in REACH if os.environ.get(name)}
        changes = [f"--change=ENV {key}={kept[key]}" for key in kept]
        changes.append("--change=ENV UV_SYSTEM_CERTS=1")
        with subprocess.Popen(["tar", "-C", str(folder), "-c", "."], stdout=subprocess.PIPE) as tar:
            subprocess.run(
                [engine.client, "import", *changes, "-", name], stdin=tar.stdout, check=True,
                stdout=subprocess.DEVNULL, env={**os.environ, **engine.environment},
            )  # fmt: skip
        assert tar.returncode == 0, "the base could not be packed"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
