"""Hostile bundles under a running API: each is refused in words, none is parsed before somebody
vouched for it, and what was served is served on."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from solvent.models import _native_bounds, bundle
from solvent.models.documents import Document
from solvent.models.scorers import trees
from solvent.store.keyring import Keyring
from tests.serve.lender import Lender, open_lender
from tests.store.hostile import FORGED, MANIFEST, SIGNED, TREE_HARMS, Victim, prepare

Harm = Callable[[Victim], None]
CASES = [
    (harm, product, seed)
    for harm in (*FORGED, *SIGNED)
    for product, seed in (("trees", 1), ("shop", 2), ("trees", 3))
]
"""39 kinds, three bundles each."""


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    opened = open_lender(tmp_path_factory.mktemp("hostile"))
    yield opened
    opened.service.close()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was parsed, by name, in its order; json and zipfile cannot be had another way."""
    seen: list[str] = []
    parse, load, open_zip = Document.parse, json.loads, zipfile.ZipFile.__init__

    def spy_parse(raw: bytes, name: str) -> Document:
        seen.append(name)
        return parse(raw, name)

    def spy_load(*words: object, **options: object) -> object:
        seen.append("json")
        return load(*words, **options)  # type: ignore[arg-type]  # passed on as they are

    def spy_zip(self: zipfile.ZipFile, *words: object, **options: object) -> None:
        seen.append("zip")
        open_zip(self, *words, **options)  # type: ignore[arg-type]  # passed on as they are

    def spy_scorer(*words: object) -> object:
        seen.append("scorer")
        return bundle_scorer(*words)  # type: ignore[arg-type]  # passed on as they are

    bundle_scorer = bundle.load_scorer
    monkeypatch.setattr(Document, "parse", staticmethod(spy_parse))
    monkeypatch.setattr(json, "loads", spy_load)
    monkeypatch.setattr(zipfile.ZipFile, "__init__", spy_zip)
    monkeypatch.setattr(bundle, "load_scorer", spy_scorer)
    return seen


def _clear(victim: Victim) -> None:
    if victim.folder.is_symlink():
        victim.folder.unlink()
    else:
        shutil.rmtree(victim.folder)


@pytest.fixture
def place(lender: Lender, tmp_path: Path) -> Iterator[Callable[[str, int], Victim]]:
    """Makes a victim, and takes it away."""
    made: list[Victim] = []

    def make(product: str, seed: int) -> Victim:
        made.append(prepare(lender.root / "home", product, seed, tmp_path))
        return made[-1]

    yield make
    for one in made:
        _clear(one)
    lender.service.refresh()


Place = Callable[[str, int], Victim]


@pytest.mark.parametrize(
    ("harm", "product", "seed"), CASES, ids=[f"{h.__name__}-{p}-{s}" for h, p, s in CASES]
)
def test_a_hostile_bundle_is_refused_and_the_version_before_it_decides_on(
    lender: Lender, place: Place, parsed: list[str], harm: Harm, product: str, seed: int
) -> None:
    victim = place(product, seed)
    harm(victim)
    parsed.clear()
    lender.service.refresh()
    seen = list(parsed)
    told = lender.service.not_live[product]
    assert len(told) > 10
    assert "\n  hint: " in told or ": " in told
    assert "cannot be loaded (" not in told  # foreseen, not caught at the edge
    assert lender.service.product(product).registered.version == 1
    assert not victim.mark.exists()
    others = [name for name in seen if name not in {MANIFEST, "json"}]
    if harm in FORGED:
        assert others == []
        assert seen.count("json") == seen.count(MANIFEST) <= 1


def test_a_sound_bundle_of_the_same_making_is_served(lender: Lender, place: Place) -> None:
    """Were the victims refused for something else, all the tests above would prove nothing."""
    for product in ("trees", "shop"):
        place(product, 0)
        assert lender.service.refresh()
        assert lender.service.product(product).registered.version == 2
        assert product not in lender.service.not_live


def test_what_is_parsed_is_what_was_verified_though_files_change_meanwhile(
    lender: Lender, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever swaps files right after the check changes nothing: they are read once."""
    victim = place("shop", 7)
    sound = {name: victim.read(name) for name in victim.files}
    check = bundle.open_bundle

    def swap(folder: Path, vouch: bundle.Vouch) -> bundle.Bundle:
        for name, raw in sound.items():
            victim.write(name, raw)
        found = check(folder, vouch)
        for name in sound:
            victim.write(name, victim.pickled())
        return found

    monkeypatch.setattr("solvent.store.models.open_bundle", swap)
    assert lender.service.refresh()
    assert lender.service.product("shop").registered.version == 2
    assert not victim.mark.exists()


def test_files_are_read_once(lender: Lender, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = place("shop", 8)
    opened: list[str] = []
    read = bundle.read_plain

    def spy(name: str, most: int, *, folder: int) -> bytes:
        opened.append(name)
        return read(name, most, folder=folder)

    monkeypatch.setattr(bundle, "read_plain", spy)
    lender.service.models.load("shop", 2)
    assert sorted(opened) == sorted([*victim.files, MANIFEST, "manifest.sig"])


def test_the_api_answers_while_hostile_bundles_come(lender: Lender, place: Place) -> None:
    victim = place("shop", 5)
    _clear(victim)
    with lender.serving() as http:
        for seed, harm in enumerate((*FORGED, *SIGNED)):
            harmed = prepare(victim.home, "shop", seed, victim.mark.parent)
            harm(harmed)
            lender.service.refresh()
            found = http.get("/v1/products/shop", headers=lender.headers("admin"))
            assert found.status_code == 200
            assert found.json()["model_version"] == 1
            assert http.get("/health").status_code == 200
            _clear(harmed)
    shutil.copytree(victim.first, victim.folder)


def test_what_is_trusted_later_is_served_without_a_new_version(
    lender: Lender, place: Place, tmp_path: Path
) -> None:
    victim = place("shop", 6)
    victim.sign(victim.stranger)
    lender.service.refresh()
    assert "solvent models trust" in lender.service.not_live["shop"]
    file = tmp_path / "stranger.pem"
    file.write_bytes(victim.stranger.public_pem())
    (name,) = Keyring(victim.home, {}).trust(file)
    assert lender.service.refresh()
    assert lender.service.product("shop").registered.version == 2
    (victim.home / "trusted" / f"{name}.pem").unlink()


@pytest.mark.parametrize("name", TREE_HARMS)
def test_every_way_out_of_the_bounds_of_a_tree_is_found(lender: Lender, name: str) -> None:
    raw = (lender.root / "home" / "models" / "trees" / "1" / "0.model.txt").read_bytes()
    _native_bounds.require_bounds(raw, trees.MODEL_FILE)
    pattern, put = TREE_HARMS[name]
    harmed = re.sub(pattern, put, raw, count=1)
    assert harmed != raw
    with pytest.raises(bundle.BundleError, match=r"model\.txt"):
        _native_bounds.require_bounds(harmed, trees.MODEL_FILE)
