"""A population is kept bit for bit; damaged bytes are refused and never run."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import BundleError
from solvent.features import CategoryColumn, FeatureFrame
from solvent.models import (
    Population,
    TrainedModel,
    load_bundle,
    load_population,
    save_bundle,
    train_model,
)
from solvent.progress import Silent
from tests.models.frames import applicants, customers, labels, number

NAME = "population_test.zip"


def _population(rows: int = 50, seed: int = 1, *, explained: bool = True) -> Population:
    rng = np.random.default_rng(seed)
    income = rng.normal(size=rows)
    income[rng.random(rows) < 0.3] = np.nan
    frame = FeatureFrame(
        rows=rows,
        columns=(
            number("income", income),
            labels("town", rng.integers(-1, 3, rows), ("Lima", "Ångström", "")),
            number("minus zero", np.where(rng.random(rows) < 0.5, -0.0, 5e-324)),
            labels("nobody", np.full(rows, -1), ()),
        ),
    )
    some = np.arange(0, rows if explained else 0, 3)
    return Population(
        frame=frame, pd=rng.random(rows), bad=rng.random(rows) < 0.3,
        as_of=rng.integers(-(2**60), 2**60, rows), explained=some,
        contributions=rng.normal(size=(len(some), 3)) if explained else np.empty((0, 0)),
    )  # fmt: skip


def _arrays(found: Population) -> list[np.ndarray]:
    columns = [c.codes if isinstance(c, CategoryColumn) else c.values for c in found.frame]
    return [found.pd, found.bad, found.as_of, found.explained, found.contributions, *columns]


def _same(one: Population, other: Population) -> bool:
    levels = [
        [c.levels if isinstance(c, CategoryColumn) else None for c in found.frame]
        for found in (one, other)
    ]
    return (
        one.frame.names == other.frame.names
        and levels[0] == levels[1]
        and all(
            a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
            for a, b in zip(_arrays(one), _arrays(other), strict=True)
        )
    )


def _members(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zip(members: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, held in members.items():
            archive.writestr(name, held)
    return out.getvalue()


def _npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    held = io.BytesIO()
    np.lib.format.write_array(held, array, allow_pickle=allow_pickle)
    return held.getvalue()


# ---- kept bit for bit


@pytest.mark.parametrize(
    "population", [_population(), _population(0), _population(9, explained=False)]
)
def test_what_was_kept_is_read_back_bit_for_bit(population: Population) -> None:
    assert _same(Population.from_bytes(population.to_bytes(), NAME), population)


def test_the_same_values_are_the_same_bytes_whenever_and_however_they_lie_in_memory() -> None:
    one, other = _population(), _population()
    strided = np.repeat(other.pd, 2)[::2]
    columns = np.asfortranarray(other.contributions)
    again = Population(
        frame=other.frame, pd=strided, bad=other.bad, as_of=other.as_of,
        explained=other.explained, contributions=columns,
    )  # fmt: skip
    assert one.to_bytes() == again.to_bytes()
    with zipfile.ZipFile(io.BytesIO(one.to_bytes())) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
    assert one.to_bytes() != _population(seed=2).to_bytes()


def test_what_is_read_may_be_worked_on() -> None:
    found = Population.from_bytes(_population().to_bytes(), NAME)
    for array in _arrays(found):
        assert array.flags.writeable
        assert array.flags.c_contiguous


def test_nothing_but_the_columns_and_the_arrays_is_kept() -> None:
    kept = set(_members(_population().to_bytes()))
    assert kept == {
        "columns.json", "pd.npy", "bad.npy", "as_of.npy", "explained.npy", "contributions.npy",
        "v0.npy", "v1.npy", "v2.npy", "v3.npy",
    }  # fmt: skip


# ---- damage


def test_cut_bytes_are_refused() -> None:
    raw = _population().to_bytes()
    for length in range(0, len(raw), 7):
        with pytest.raises(BundleError, match="is damaged"):
            Population.from_bytes(raw[:length], NAME)


def _read(raw: bytes) -> Population | None:
    try:
        return Population.from_bytes(raw, NAME)
    except BundleError:
        return None


def test_a_flipped_bit_is_refused_or_changes_nothing() -> None:
    population = _population()
    raw, rng, harmless = population.to_bytes(), np.random.default_rng(3), 0
    for _ in range(1_500):
        flipped = bytearray(raw)
        flipped[rng.integers(len(raw))] ^= 1 << int(rng.integers(8))
        found = _read(bytes(flipped))
        harmless += found is not None
        assert found is None or _same(found, population)
    assert harmless < 300


@pytest.mark.parametrize("member", ["columns.json", "pd.npy", "explained.npy", "v1.npy"])
def test_a_flipped_bit_under_a_remade_checksum_is_refused_or_read_as_a_value(member: str) -> None:
    population = _population()
    members, rng = _members(population.to_bytes()), np.random.default_rng(4)
    for _ in range(400):
        flipped = bytearray(members[member])
        flipped[rng.integers(len(flipped))] ^= 1 << int(rng.integers(8))
        found = _read(_zip({**members, member: bytes(flipped)}))
        if found is not None:
            assert len(found) == len(population)
            for column in found.frame:
                if isinstance(column, CategoryColumn):
                    assert set(column.codes.tolist()) <= {-1, *range(len(column.levels))}


class _Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.place),)


@pytest.mark.parametrize("member", ["pd.npy", "bad.npy", "explained.npy", "v0.npy", "v1.npy"])
def test_a_pickled_array_inside_is_refused_and_never_run(member: str, tmp_path: Path) -> None:
    trap = np.array([_Trap(tmp_path / "ran")] * 50, dtype=object)
    members = _members(_population().to_bytes())
    for held in (_npy(trap, allow_pickle=True), trap.dumps()):
        with pytest.raises(BundleError, match="is damaged"):
            Population.from_bytes(_zip({**members, member: held}), NAME)
    assert not (tmp_path / "ran").exists()


_WRONG = [
    ("pd.npy", np.zeros(50, np.float32)), ("pd.npy", np.zeros(49)), ("pd.npy", np.zeros((50, 1))),
    ("bad.npy", np.zeros(50, np.int64)), ("bad.npy", np.zeros(49, np.bool_)),
    ("as_of.npy", np.zeros(51, np.int64)), ("explained.npy", np.arange(17, dtype=np.int32)),
    ("explained.npy", np.arange(16)), ("explained.npy", np.full(17, 50)),
    ("explained.npy", np.full(17, -1)), ("contributions.npy", np.zeros(17)),
    ("contributions.npy", np.zeros((18, 3))), ("v0.npy", np.zeros(49)),
    ("v1.npy", np.full(50, 3, np.int32)), ("v1.npy", np.full(50, -2, np.int32)),
    ("v0.npy", np.zeros(50).astype(">f8")),
]  # fmt: skip


@pytest.mark.parametrize(("member", "array"), _WRONG)
def test_arrays_that_do_not_belong_together_are_refused(member: str, array: np.ndarray) -> None:
    members = _members(_population().to_bytes())
    with pytest.raises(BundleError, match=f"{NAME}: is damaged"):
        Population.from_bytes(_zip({**members, member: _npy(array)}), NAME)


@pytest.mark.parametrize("member", sorted(_members(_population().to_bytes())))
def test_a_missing_member_is_refused(member: str) -> None:
    members = _members(_population().to_bytes())
    del members[member]
    with pytest.raises(BundleError):
        Population.from_bytes(_zip(members), NAME)


def test_a_shape_no_memory_could_hold_is_refused_before_it_is_made() -> None:
    members = _members(_population().to_bytes())
    for size in ("9" * 12, "9" * 400):
        shape = f"({size},), }}".encode()
        members["pd.npy"] = members["pd.npy"].replace(b"(50,), }", shape)
        with pytest.raises(BundleError):
            Population.from_bytes(_zip(members), NAME)
        members["pd.npy"] = members["pd.npy"].replace(shape, b"(50,), }")


def test_only_plain_compression_is_read() -> None:
    members = _members(_population().to_bytes())
    with pytest.raises(BundleError):
        Population.from_bytes(_zip(members, zipfile.ZIP_BZIP2), NAME)
    assert Population.from_bytes(_zip(members, zipfile.ZIP_DEFLATED), NAME)


# ---- in a bundle


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    frame, bad = applicants(300, towns=5)
    return train_model(
        frame, bad, groups=customers(300), technique="logistic", seed=1, progress=Silent()
    )


def test_a_bundle_gives_back_its_model_and_both_populations(
    trained: TrainedModel, tmp_path: Path
) -> None:
    kept = {"test": _population(), "train": _population(20, seed=2, explained=False)}
    save_bundle(tmp_path / "bundle", trained, {"a": 1}, kept)
    model, about = load_bundle(tmp_path / "bundle")
    assert about == {"a": 1}
    frame, _ = applicants(20, seed=3, towns=5)
    assert (model.pd(frame) == trained.pd(frame)).all()
    for side, population in kept.items():
        assert _same(load_population(tmp_path / "bundle", side), population)


def test_a_bundle_without_populations_loads_and_says_that_it_has_none(
    trained: TrainedModel, tmp_path: Path
) -> None:
    save_bundle(tmp_path / "bundle", trained, {})
    load_bundle(tmp_path / "bundle")
    for side in ("test", "train"):
        with pytest.raises(BundleError, match="keeps no applications") as caught:
            load_population(tmp_path / "bundle", side)
        assert caught.value.hint == "train again"


def test_a_population_changed_in_its_bundle_is_refused_with_the_whole_bundle(
    trained: TrainedModel, tmp_path: Path
) -> None:
    folder = tmp_path / "bundle"
    save_bundle(folder, trained, {}, {"test": _population()})
    (folder / NAME).write_bytes(_population(seed=2).to_bytes())
    for read in (lambda: load_population(folder, "test"), lambda: load_bundle(folder)):
        with pytest.raises(BundleError, match=f"{NAME}: was changed"):
            read()
