"""Hostile bundles, made with a seed: a sound, signed one of a version that is next, harmed one way.

`FORGED` are those whoever may write in the registry can make without a trusted key. `SIGNED` bear a
sound signature of a trusted key all the same: its holder was careless, or is the attacker.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle  # noqa: TID251 - written here, for others to refuse
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from solvent.models.documents import to_bytes
from solvent.store.keyring import Keyring

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
POPULATION = "population_test.zip"
Content = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A bundle to be harmed, sound and signed as version 2 of its product.

    Args:
        product: Name of the product.
        home: SOLVENT_HOME.
        first: The bundle of version 1.
        folder: The bundle, of version 2.
        stranger: Keys nobody trusts.
        mark: A file that code in a bundle writes, were it run.
        draw: What is drawn from.
    """

    product: str
    home: Path
    first: Path
    folder: Path
    stranger: Keyring
    mark: Path
    draw: random.Random

    @property
    def native(self) -> str:
        """The file with the model's figures."""
        return next((name for name in self.files if name.endswith("model.txt")), "line.json")

    @property
    def encoder(self) -> str:
        """The file that tells what the model reads."""
        return next(name for name in self.files if name.endswith("encoder.json"))

    @property
    def files(self) -> list[str]:
        """Every file but the manifest and its signature."""
        return sorted(
            path.name for path in self.folder.iterdir() if path.name not in {MANIFEST, SIGNATURE}
        )

    def read(self, name: str) -> bytes:
        """Return a file."""
        return (self.folder / name).read_bytes()

    def write(self, name: str, raw: bytes) -> None:
        """Write a file."""
        (self.folder / name).write_bytes(raw)

    def sign(self, keyring: Keyring | None = None) -> None:
        """Sign the manifest as it stands; with the installation's key by default."""
        own = keyring or Keyring(self.home, {})
        self.write(SIGNATURE, own.sign(f"model {self.product} 2", self.read(MANIFEST)))

    def rewrite(self, change: Callable[[Content], None] = lambda content: None) -> None:
        """Write the manifest that fits the files as they are, after a change; it is not signed."""
        content: Content = json.loads(self.read(MANIFEST))
        content.pop("manifest_sha256")
        content["about"]["version"] = 2
        for name in set(content["files"]) & set(self.files):
            raw = self.read(name)
            content["files"][name] = {"sha256": sha256(raw).hexdigest(), "bytes": len(raw)}
        change(content)
        digest = sha256(to_bytes(content)).hexdigest()
        self.write(MANIFEST, to_bytes({**content, "manifest_sha256": digest}))

    def reform(self, name: str, change: Callable[[Content], None]) -> None:
        """Change a JSON file of the bundle."""
        content = json.loads(self.read(name))
        change(content)
        self.write(name, json.dumps(content).encode())

    def pickled(self) -> bytes:
        """Return a pickle that leaves the mark when it is read."""
        return pickle.dumps(_Mark(self.mark))


class _Mark:
    """What runs when it is read back: it makes a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str, int]]:
        return os.open, (str(self._path), os.O_CREAT | os.O_WRONLY)


def prepare(home: Path, product: str, seed: int, outside: Path) -> Victim:
    """Return a victim in the registry's place of version 2: a copy of version 1 that is sound.

    Args:
        home: SOLVENT_HOME, with a version 1 of the product.
        product: Its name.
        seed: Of what is drawn.
        outside: A folder for keys of a stranger and the mark.
    """
    first = home / "models" / product / "1"
    folder = first.with_name("2")
    shutil.copytree(first, folder)
    victim = Victim(
        product=product, home=home, first=first, folder=folder, mark=outside / "ran",
        stranger=Keyring(outside / "stranger", {}), draw=random.Random(seed),  # noqa: S311 - which harm, not a secret
    )  # fmt: skip
    victim.rewrite()
    victim.sign()
    return victim


# ---- without a trusted key


def flip_a_byte(victim: Victim) -> None:
    """One bit of one file is another."""
    name = victim.draw.choice([*victim.files, MANIFEST, SIGNATURE])
    raw = bytearray(victim.read(name))
    raw[victim.draw.randrange(len(raw))] ^= 1 << victim.draw.randrange(8)
    victim.write(name, bytes(raw))


def cut(victim: Victim) -> None:
    """A file ends early."""
    name = victim.draw.choice([*victim.files, MANIFEST, SIGNATURE])
    raw = victim.read(name)
    victim.write(name, raw[: victim.draw.randrange(len(raw))])


def remove(victim: Victim) -> None:
    """A file is gone."""
    (victim.folder / victim.draw.choice([*victim.files, MANIFEST])).unlink()


def unsign(victim: Victim) -> None:
    """Nobody vouches for it."""
    (victim.folder / SIGNATURE).unlink()


def sign_as_a_stranger(victim: Victim) -> None:
    """It is sound, and signed by somebody nobody here knows."""
    victim.sign(victim.stranger)


def claim_a_known_key(victim: Victim) -> None:
    """A stranger's signature bears the id of a key that is trusted."""
    (known,) = Keyring(victim.home, {}).trusted()
    victim.sign(victim.stranger)
    words = victim.read(SIGNATURE).split()
    victim.write(SIGNATURE, b"ed25519 %s %s\n" % (known.encode(), words[2]))


def borrow_a_signature(victim: Victim) -> None:
    """The signature is that of version 1."""
    shutil.copy(victim.first / SIGNATURE, victim.folder / SIGNATURE)


def pass_for_a_newer_version(victim: Victim) -> None:
    """All of version 1, signature too, under the number 2."""
    shutil.rmtree(victim.folder)
    shutil.copytree(victim.first, victim.folder)


def pass_for_another_product(victim: Victim) -> None:
    """A model of another product, soundly signed as that."""
    for other in victim.first.parent.parent.iterdir():
        if other.name != victim.product:
            shutil.rmtree(victim.folder)
            shutil.copytree(other / "1", victim.folder)


def swap_a_file_between_versions(victim: Victim) -> None:
    """Version 2's own model is another than version 1's, and version 1's lies in its place."""
    name = victim.native
    sound = victim.read(name)
    victim.write(name, sound + b"\n")
    victim.rewrite()
    victim.sign()
    victim.write(name, sound)


def swap_two_files(victim: Victim) -> None:
    """Two files have each other's names."""
    one, two = victim.draw.sample(victim.files, 2)
    first, second = victim.read(one), victim.read(two)
    victim.write(one, second)
    victim.write(two, first)


def add_a_file(victim: Victim) -> None:
    """A file too many, which runs when it is read."""
    name = victim.draw.choice(["model.pkl", "model.joblib", "extra.py", "__init__.py", ".hidden"])
    victim.write(name, victim.pickled())


def add_many_files(victim: Victim) -> None:
    """Far more files than a bundle has."""
    for place in range(200):
        victim.write(f"part{place}.json", b"{}")


def add_a_folder(victim: Victim) -> None:
    """A folder within the bundle, with code."""
    (victim.folder / "solvent").mkdir()
    (victim.folder / "solvent" / "__init__.py").write_bytes(b"raise SystemExit")


def pickle_in_a_place(victim: Victim) -> None:
    """A pickle under a name that is allowed, listed by a manifest that fits."""
    victim.write(victim.draw.choice(victim.files), victim.pickled())
    victim.rewrite()


def compressed_pickle_in_a_place(victim: Victim) -> None:
    """What joblib would read: a pickle, compressed, under a name that is allowed."""
    victim.write(victim.draw.choice(victim.files), gzip.compress(victim.pickled()))
    victim.rewrite()
    victim.sign(victim.stranger)


def reorder(victim: Victim) -> None:
    """The manifest's keys come in another order: the same JSON, other bytes."""
    content = json.loads(victim.read(MANIFEST))
    keys = victim.draw.sample(sorted(content), len(content))
    victim.write(MANIFEST, json.dumps({key: content[key] for key in keys}).encode())


def say_it_twice(victim: Victim) -> None:
    """A key stands in the manifest twice; readers differ in which one they take."""
    raw = victim.read(MANIFEST)
    victim.write(MANIFEST, raw[:-1] + b',"scorer":"' + b'../../evil"}')


def climb_out(victim: Victim) -> None:
    """The manifest lists a file elsewhere, as it stands."""
    path = victim.draw.choice(["../1/" + victim.native, "../../../secret.key", "/etc/hostname"])
    victim.rewrite(lambda content: content["files"].update({path: {"sha256": "", "bytes": 1}}))


def link_a_file(victim: Victim) -> None:
    """A file is a link to its like elsewhere, with the same bytes."""
    name = victim.draw.choice([*victim.files, MANIFEST, SIGNATURE])
    away = victim.mark.parent / f"away-{name}"
    shutil.move(victim.folder / name, away)
    (victim.folder / name).symlink_to(away)


def link_the_folder(victim: Victim) -> None:
    """The bundle's folder is a link."""
    away = victim.mark.parent / "away"
    shutil.rmtree(away, ignore_errors=True)
    shutil.move(victim.folder, away)
    victim.folder.symlink_to(away, target_is_directory=True)


def put_a_pipe(victim: Victim) -> None:
    """A pipe in a file's place: whoever reads it waits for ever."""
    path = victim.folder / victim.draw.choice([*victim.files, MANIFEST, SIGNATURE])
    path.unlink()
    os.mkfifo(path)


def swell(victim: Victim) -> None:
    """A manifest or a signature larger than memory should be spent on; its end is a hole."""
    name = victim.draw.choice([MANIFEST, SIGNATURE])
    os.truncate(victim.folder / name, 1 << 33)


def scribble_a_signature(victim: Victim) -> None:
    """The signature is none."""
    wrong = [b"", b"\n", b"ed25519", b"\xff" * 120, b"ed25519 " + b"0" * 16 + b" " + b"A" * 88]
    victim.write(SIGNATURE, victim.draw.choice([*wrong, victim.pickled(), b"[" * 200]))


# ---- with a signature that is believed


def _sealed(change: Callable[[Victim], None]) -> Callable[[Victim], None]:
    """Return a harm after which the manifest fits and is signed with a trusted key."""

    def harm(victim: Victim) -> None:
        change(victim)
        victim.rewrite()
        victim.sign()

    harm.__name__ = change.__name__
    harm.__doc__ = change.__doc__
    return harm


@_sealed
def signed_pickle(victim: Victim) -> None:
    """A pickle under a name that is allowed."""
    names = [name for name in victim.files if name != "population_train.zip"]
    victim.write(victim.draw.choice(names), victim.pickled())


@_sealed
def signed_compressed_pickle(victim: Victim) -> None:
    """What joblib would read."""
    names = [name for name in victim.files if name != "population_train.zip"]
    victim.write(victim.draw.choice(names), gzip.compress(victim.pickled()))


@_sealed
def deep(victim: Victim) -> None:
    """JSON nested deeper than any reader's stack."""
    levels = victim.draw.choice([65, 1_000, 200_000])
    name = victim.draw.choice(["calibration.json", victim.encoder])
    victim.write(name, b'{"a":' + b"[" * levels + b"]" * levels + b"}")


def _first_number(raw: bytes, put: bytes) -> bytes:
    return re.sub(rb"(?<=[:\[,])-?\d+(\.\d+)?([eE][-+]?\d+)?(?=[,\]}])", put, raw, count=1)


@_sealed
def no_number(victim: Victim) -> None:
    """NaN, or an infinite number, where a number belongs."""
    name = victim.draw.choice(["calibration.json", victim.encoder])
    put = victim.draw.choice([b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"])
    changed = _first_number(victim.read(name), put)
    victim.write(name, changed if put in changed else b'{"a":' + put + b"}")


@_sealed
def huge_number(victim: Victim) -> None:
    """A whole number of hundreds or thousands of digits."""
    name = victim.draw.choice(["calibration.json", victim.encoder])
    digits = b"9" * victim.draw.choice([400, 5_000])
    changed = _first_number(victim.read(name), digits)
    victim.write(name, changed if digits in changed else b'{"features":' + digits + b"}")


@_sealed
def zip_bomb(victim: Victim) -> None:
    """An archive whose members say they are, or are, far larger than they look."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("columns.json", b'{"columns":[]}')
        archive.writestr("pd.npy", bytes(1 << 20))
    raw = out.getvalue()
    told = victim.draw.choice([(1 << 31) - 1, 1 << 10])  # more than it holds, or less
    wrong = told.to_bytes(4, "little")
    victim.write(POPULATION, raw.replace((1 << 20).to_bytes(4, "little"), wrong))


@_sealed
def nested_bomb(victim: Victim) -> None:
    """A compressed file where JSON is expected."""
    name = victim.draw.choice(["calibration.json", victim.encoder, victim.native])
    victim.write(name, gzip.compress(bytes(1 << 22)))


@_sealed
def another_schema(victim: Victim) -> None:
    """The model reads features that its program does not compute, or not as many."""

    def change(content: Content) -> None:
        features = content["features"]
        if victim.draw.random() < 0.5:
            features.pop(victim.draw.randrange(len(features)))
        else:
            victim.draw.choice(features)["name"] = "planted_feature"

    victim.reform(victim.encoder, change)


@_sealed
def no_population(victim: Victim) -> None:
    """The applications it keeps are of nobody, or of another kind."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in victim.draw.choice([["columns.json"], ["pd.npy"], ["../pd.npy"], []]):
            archive.writestr(name, b"{}")
    victim.write(POPULATION, out.getvalue())


def _manifest(change: Callable[[Victim, Content], None]) -> Callable[[Victim], None]:
    """Return a harm of the manifest that is signed with a trusted key."""

    def harm(victim: Victim) -> None:
        victim.rewrite(lambda content: change(victim, content))
        victim.sign()

    harm.__name__ = change.__name__
    harm.__doc__ = change.__doc__
    return harm


@_manifest
def signed_climb_out(victim: Victim, content: Content) -> None:
    """The manifest lists a file elsewhere, with its digest."""
    raw = (victim.home / "secret.key").read_bytes()
    path = victim.draw.choice(["../../../secret.key", str(victim.home / "secret.key"), "a/../b"])
    content["files"][path] = {"sha256": sha256(raw).hexdigest(), "bytes": len(raw)}


@_manifest
def strange_scorer(victim: Victim, content: Content) -> None:
    """The manifest names code to run."""
    content["scorer"] = victim.draw.choice(["os", "../../evil", "solvent.cli", "", "__init__"])


@_manifest
def strange_manifest(victim: Victim, content: Content) -> None:
    """The manifest is not one: a part is missing or of another kind."""
    key = victim.draw.choice(["technique", "scorer", "files", "format", "about"])
    content[key] = victim.draw.choice([None, 7, [], "x"] if key != "scorer" else [None, 7, []])


def signed_twice(victim: Victim) -> None:
    """A key stands in the manifest twice, and a trusted key signed that."""
    say_it_twice(victim)
    victim.sign()


def signed_reorder(victim: Victim) -> None:
    """The manifest's keys come in another order, and a trusted key signed that."""
    reorder(victim)
    victim.sign()


TREE_HARMS: Mapping[str, tuple[bytes, bytes]] = {
    "a feature before the first": (rb"split_feature=\d+", b"split_feature=-7"),
    "a feature after the last": (rb"split_feature=\d+", b"split_feature=70000"),
    "a node that is not there": (rb"left_child=-?\d+", b"left_child=9999999"),
    "a way that never ends": (rb"left_child=-?\d+", b"left_child=0"),
    "a leaf that is not there": (rb"right_child=-?\d+", b"right_child=-9999999"),
    "more leaves than there are": (rb"num_leaves=\d+", b"num_leaves=1000000"),
    "more sets than there are": (rb"num_cat=\d+", b"num_cat=100000000"),
    "more answers than room": (rb"num_class=1", b"num_class=1000"),
    "more trees a round than room": (rb"num_tree_per_iteration=1", b"num_tree_per_iteration=50"),
    "sizes that lead elsewhere": (rb"tree_sizes=\d+", b"tree_sizes=99999999"),
    "no figure in a leaf": (rb"leaf_value=\S+", b"leaf_value=nan"),
}


@_sealed
def out_of_bounds(victim: Victim) -> None:
    """LightGBM's text with an index that leads out of its arrays; for another model no text."""
    if not victim.native.endswith(".txt"):
        victim.write(victim.native, b"tree\nversion=v4\n")
        return
    pattern, put = victim.draw.choice(list(TREE_HARMS.values()))
    victim.write(victim.native, re.sub(pattern, put, victim.read(victim.native), count=1))


FORGED = (
    flip_a_byte, cut, remove, unsign, sign_as_a_stranger, claim_a_known_key, borrow_a_signature,
    pass_for_a_newer_version, pass_for_another_product, swap_a_file_between_versions,
    swap_two_files, add_a_file, add_many_files, add_a_folder, pickle_in_a_place,
    compressed_pickle_in_a_place, reorder, say_it_twice, climb_out, link_a_file, link_the_folder,
    put_a_pipe, swell, scribble_a_signature,
)  # fmt: skip
SIGNED = (
    signed_pickle, signed_compressed_pickle, deep, no_number, huge_number, zip_bomb, nested_bomb,
    another_schema, no_population, signed_climb_out, strange_scorer, strange_manifest,
    signed_twice, signed_reorder, out_of_bounds,
)  # fmt: skip
