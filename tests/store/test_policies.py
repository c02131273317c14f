"""The registry of policies: versions count up, and nothing changed is ever loaded."""

from __future__ import annotations

import hashlib
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from solvent.errors import StoreError, WriteError
from solvent.store import PolicyRegistry

ONE, TWO = {"cutoff": 0.1, "name": "ä"}, {"cutoff": 0.2}


def test_versions_count_up_and_the_newest_is_loaded_by_default(tmp_path: Path) -> None:
    registry = PolicyRegistry(tmp_path / "home")
    assert registry.versions("shop") == ()
    added = [registry.add("shop", document) for document in (ONE, TWO)]
    assert [one.version for one in added] == [1, 2]
    assert registry.versions("shop") == (1, 2)
    assert registry.load("shop") == added[1]
    assert registry.load("shop", 1).document == ONE


def test_the_same_policy_again_is_the_same_version_and_an_older_one_is_a_new(
    tmp_path: Path,
) -> None:
    registry = PolicyRegistry(tmp_path)
    first = registry.add("shop", ONE)
    assert registry.add("shop", dict(reversed(ONE.items()))) == first
    registry.add("shop", TWO)
    assert registry.add("shop", ONE).version == 3


def test_the_digest_is_that_of_the_canonical_document(tmp_path: Path) -> None:
    canonical = '{"cutoff":0.1,"name":"ä"}'.encode()
    assert PolicyRegistry(tmp_path).add("shop", ONE).digest == hashlib.sha256(canonical).hexdigest()


def test_ten_versions_are_sorted_as_numbers(tmp_path: Path) -> None:
    registry = PolicyRegistry(tmp_path)
    for n in range(11):
        registry.add("shop", {"n": n})
    assert registry.versions("shop") == tuple(range(1, 12))
    assert registry.load("shop").document == {"n": 10}


def test_a_policy_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    PolicyRegistry(tmp_path).add("shop", ONE)
    (file,) = (tmp_path / "policies" / "shop").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "nothing", "null", '{"digest":"","document":{}}', '{"digest":1}',
        '{"digest":"x","document":[]}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, content: str) -> None:
    registry = PolicyRegistry(tmp_path)
    registry.add("shop", ONE)
    (tmp_path / "policies" / "shop" / "1.json").write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match="changed"):
        registry.load("shop")
    with pytest.raises(StoreError, match="changed"):
        registry.add("shop", TWO)


def test_a_changed_policy_is_refused(tmp_path: Path) -> None:
    registry = PolicyRegistry(tmp_path)
    registry.add("shop", ONE)
    file = tmp_path / "policies" / "shop" / "1.json"
    envelope = json.loads(file.read_bytes())
    envelope["document"]["cutoff"] = 0.9
    file.write_text(json.dumps(envelope), encoding="utf-8")
    with pytest.raises(StoreError, match="changed"):
        registry.load("shop", 1)


def test_what_is_not_there_is_told_with_what_is(tmp_path: Path) -> None:
    registry = PolicyRegistry(tmp_path)
    with pytest.raises(StoreError, match=str(tmp_path / "policies")):
        registry.load("shop")
    registry.add("shop", ONE)
    with pytest.raises(StoreError, match="versions: 1"):
        registry.load("shop", 7)


@pytest.mark.parametrize("product", ["..", "a/b", "", "/etc", "a.b"])
def test_a_product_s_name_leads_nowhere_else(tmp_path: Path, product: str) -> None:
    registry = PolicyRegistry(tmp_path)
    for ask in (registry.versions, registry.load, lambda name: registry.add(name, ONE)):
        with pytest.raises(StoreError, match="called that"):
            ask(product)


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "policies").write_text("a file where a folder should be")
    with pytest.raises(WriteError, match="could not be written"):
        PolicyRegistry(tmp_path).add("shop", ONE)


def test_what_is_no_json_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        PolicyRegistry(tmp_path).add("shop", {"cutoff": float("nan")})
    assert not (tmp_path / "policies").exists()


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = PolicyRegistry(tmp_path)
    registry.add("shop", ONE)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WriteError, match="No space left"):
        registry.add("shop", TWO)
    assert [path.name for path in (tmp_path / "policies" / "shop").iterdir()] == ["1.json"]


def test_policies_kept_at_once_get_a_version_each(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        added = [threads.submit(PolicyRegistry(tmp_path).add, "shop", {"n": n}) for n in range(24)]
        policies = [one.result() for one in added]
    assert sorted(one.version for one in policies) == list(range(1, 25))
    for n, policy in enumerate(policies):
        assert PolicyRegistry(tmp_path).load("shop", policy.version).document == {"n": n}
