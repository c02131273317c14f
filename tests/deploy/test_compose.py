"""What the container files promise, read from the files; `make test-deploy` sees them run."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.deploy.composed import SERVICES
from tests.laws import ROOT

STACK: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())


def test_the_parts_are_those_the_walk_looks_at() -> None:
    assert set(STACK["services"]) == set(SERVICES)
    assert "version" not in STACK  # the plugin warns about it


@pytest.mark.parametrize("name", SERVICES)
def test_every_part_is_confined(name: str) -> None:
    part = STACK["services"][name]
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]
    assert part["user"] == "10001:10001"
    assert part["restart"] == "unless-stopped"
    assert part["healthcheck"]["test"]
    assert part["mem_limit"]
    assert part["cpus"]
    assert part["pids_limit"]
    assert not {"privileged", "network_mode", "pid", "cap_add", "devices"} & set(part)
    assert all(port.startswith("127.0.0.1:") for port in part.get("ports", ()))


def test_stores_are_on_a_network_without_a_way_out() -> None:
    assert STACK["networks"]["inner"]["internal"] is True
    for name in ("postgres", "redis", "worker"):
        assert STACK["services"][name]["networks"] == ["inner"]


def test_secrets_are_files() -> None:
    assert all(set(secret) == {"file"} for secret in STACK["secrets"].values())
    for part in STACK["services"].values():
        for name, value in part.get("environment", {}).items():
            if name.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in part["secrets"]
            elif "PASSWORD" in name or name.endswith(("_URL", "_KEY")):
                assert name == "SOLVENT_API_URL"


def test_the_classic_builder_reads_the_images() -> None:
    for file in ("deploy/Dockerfile", "deploy/test/Dockerfile"):
        text = (ROOT / file).read_text()
        assert "ARG BASE" in text
        assert "--mount" not in text
        assert "<<" not in text
        assert "COPY --chmod" not in text
