"""Trials on disk: whole lines or none, read back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import BundleError, WriteError
from solvent.models.documents import Document, to_bytes
from solvent.models.trials import State, Trial
from solvent.store.trials import TrialFile

VALUES = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**9), 10**9)
TRIALS = st.builds(
    Trial, number=st.integers(0, 10**6), settings=st.dictionaries(st.text(max_size=9), VALUES),
    losses=st.lists(st.floats(0.0, 40.0), max_size=5).map(tuple), state=st.sampled_from(State),
    seconds=st.floats(0.0, 1e6), words=st.text(max_size=20),
)  # fmt: skip


def trial(number: int) -> Trial:
    settings = {"rate": 0.1 * number, "leaves": 3 + number} if number else {}
    return Trial(number=number, settings=settings, losses=(0.5,), state=State.DONE, seconds=1.5)


@given(TRIALS)
def test_a_trial_is_read_back_as_it_was_to_the_type_of_each_setting(made: Trial) -> None:
    again = Trial.read(Document.parse(to_bytes(made.document()), "trial"))
    assert again == made
    assert {k: type(v) for k, v in again.settings.items()} == {
        k: type(v) for k, v in made.settings.items()
    }


def test_trials_are_read_back_in_order_by_whoever_opens_the_same_search(tmp_path: Path) -> None:
    book = TrialFile(tmp_path, "shop", "logistic-1")
    assert book.read() == ()
    for number in range(4):
        book.add(trial(number))
    again = TrialFile(tmp_path, "shop", "logistic-1")
    assert again.read() == tuple(map(trial, range(4)))
    again.add(trial(4))
    assert TrialFile(tmp_path, "shop", "logistic-1").read() == tuple(map(trial, range(5)))
    assert TrialFile(tmp_path, "shop", "logistic-2").read() == ()


@pytest.mark.parametrize("spoiled", [b"{", b"[]\n", b'{"number":0}\n', b"\xff\n"])
def test_a_damaged_file_is_refused_with_what_to_do(tmp_path: Path, spoiled: bytes) -> None:
    book = TrialFile(tmp_path, "shop", "logistic-1")
    book.add(trial(0))
    (file,) = tmp_path.rglob("*.jsonl")
    file.write_bytes(file.read_bytes() + spoiled)
    with pytest.raises(BundleError) as refused:
        book.read()
    assert refused.value.hint == "remove the file to search anew"
    assert refused.value.field == file.name


def test_trials_out_of_order_are_refused(tmp_path: Path) -> None:
    book = TrialFile(tmp_path, "shop", "logistic-1")
    book.add(trial(0))
    book.add(trial(2))
    with pytest.raises(BundleError, match="in order"):
        book.read()


def test_a_place_nothing_can_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "tuning").write_text("a file", encoding="ascii")
    with pytest.raises(WriteError, match="could not be noted"):
        TrialFile(tmp_path, "shop", "logistic-1").add(trial(0))
