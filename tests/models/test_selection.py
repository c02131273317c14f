"""Laws of selection: what is kept holds, whatever order rows and columns come in."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.errors import BundleError, DataError, DeclarationError, OneClassError, TrainingError
from solvent.features import FeatureFrame
from solvent.models import Fate, Known, Selected, Selection, select_features
from solvent.models._coding import MISSING, code_frame, code_number, signature, tell, with_shuffled
from solvent.models._judge import judge
from solvent.models._screen import judge_alone
from solvent.models.selecting import beats_luck, draw_line
from solvent.models.selection import read_selection, require_selection, wanted
from solvent.progress import Silent
from tests.models.frames import applicants, customers, labels, number

ROWS = 3000


def _world(
    seed: int = 0, rows: int = ROWS, noise: int = 40, real: int = 6
) -> tuple[FeatureFrame, Known]:
    """Numbers that matter, each with a blurred double, among numbers that do not."""
    rng = np.random.default_rng(seed)
    true = rng.normal(size=(real, rows))
    odds = -1.0 + true.T @ (0.8 * np.where(np.arange(real) % 2, 1.0, -1.0))
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(-odds))
    doubles = true + 0.02 * rng.normal(size=true.shape)
    columns = [
        *(number(f"real_{place}", one) for place, one in enumerate(true)),
        *(number(f"double_{place}", one) for place, one in enumerate(doubles)),
        *(number(f"noise_{place:03}", rng.normal(size=rows)) for place in range(noise)),
    ]
    frame = FeatureFrame(rows=rows, columns=tuple(columns))
    return frame, Known(bad=bad, groups=customers(rows), as_of=np.arange(rows))


def _select(
    frame: FeatureFrame, known: Known, selection: Selection | None = None, **more: object
) -> Selected:
    return select_features(
        frame, known, selection or Selection(), seed=3, progress=Silent(),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.fixture(scope="module")
def world() -> tuple[FeatureFrame, Known, Selected]:
    frame, known = _world()
    return frame, known, _select(frame, known)


def _with(frame: FeatureFrame, *columns: object) -> FeatureFrame:
    return FeatureFrame(rows=frame.rows, columns=(*frame.columns, *columns))  # type: ignore[arg-type]


def test_what_matters_is_kept_once_and_noise_is_not(
    world: tuple[FeatureFrame, Known, Selected],
) -> None:
    """Every real number or its double is kept, never both, and next to no noise."""
    kept = world[2].kept
    assert {name[-1] for name in kept if "noise" not in name} == set("012345")
    assert not any(f"real_{k}" in kept and f"double_{k}" in kept for k in range(6))
    assert sum("noise" in name for name in kept) <= 3
    assert not world[2].by_chance


def test_most_of_thirty_real_ones_are_found_among_hundreds_that_are_noise() -> None:
    """Of 30 that matter, doubled, among 300 that do not, at least 24 are kept and at most 8 lie."""
    frame, known = _world(seed=5, rows=8000, noise=300, real=30)
    kept = _select(frame, known).kept
    assert len({name.split("_")[1] for name in kept if "noise" not in name}) >= 24
    assert sum("noise" in name for name in kept) <= 8


def test_one_seed_gives_one_selection_byte_for_byte(
    world: tuple[FeatureFrame, Known, Selected],
) -> None:
    """The same input and seed give the same bytes, and they read back as they were."""
    again = _select(world[0], world[1])
    assert again.to_bytes() == world[2].to_bytes()
    assert Selected.from_bytes(again.to_bytes()) == again


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=3, deadline=None)
def test_the_order_of_rows_and_columns_changes_nothing(seed: int) -> None:
    """Shuffled rows and columns, a category among them, give the same set."""
    frame, bad = applicants(1200, towns=30)
    rng = np.random.default_rng(seed)
    frame = _with(frame, *(number(f"n{k}", np.cos(np.arange(1200.0) * (k + 2))) for k in range(9)))
    known = Known(bad=bad, groups=np.arange(1200) // 2, as_of=np.arange(1200))
    rows = rng.permutation(1200)
    columns = rng.permutation(len(frame.columns))
    moved = FeatureFrame(rows=1200, columns=tuple(frame.columns[place] for place in columns))
    turned = Known(bad=bad[rows], groups=known.groups[rows], as_of=np.arange(1200)[rows])
    first, second = _select(frame, known), _select(moved.take(rows), turned)
    assert set(first.kept) == set(second.kept)
    assert {c.name: c.fate for c in first.candidates} == {c.name: c.fate for c in second.candidates}


def test_an_exact_copy_never_enters_beside_its_original(
    world: tuple[FeatureFrame, Known, Selected],
) -> None:
    """Copies of what is kept are dropped as copies, and nothing else changes."""
    frame, known, before = world
    copies = [dataclasses.replace(frame[name], name=f"zz_{name}") for name in before.kept]
    after = _select(_with(frame, *copies), known)
    assert after.kept == before.kept
    assert {after.why(copy.name).fate for copy in copies} == {Fate.COPY}
    assert {after.why(copy.name).like for copy in copies} == set(before.kept)


def test_of_two_that_say_the_same_the_cheaper_stays() -> None:
    """Costs decide between a number and its double, whichever way they are told."""
    frame, known = _world(noise=5)
    for cheap, dear in (("real", "double"), ("double", "real")):
        costs = {f"{dear}_{k}": 9.0 for k in range(6)} | {f"{cheap}_{k}": 1.0 for k in range(6)}
        kept = _select(frame, known, costs=costs).kept
        assert not any(name.startswith(dear) for name in kept)
        assert any(name.startswith(cheap) for name in kept)


def test_a_table_of_noise_selects_next_to_nothing_and_says_so() -> None:
    """Where nothing matters at most ten are kept, and most such tables are said to be chance."""
    said = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        columns = tuple(number(f"n{k:03}", rng.normal(size=1500)) for k in range(150))
        known = Known(bad=rng.random(1500) < 0.3, groups=customers(1500), as_of=np.arange(1500))
        found = _select(FeatureFrame(rows=1500, columns=columns), known)
        assert 1 <= len(found.kept) <= 10
        said += found.by_chance
    assert said >= 4


def test_what_works_in_one_half_of_the_time_is_dropped() -> None:
    """A number that ranks early applications alone is dropped for it; one that turns, too."""
    frame, known = _world(noise=10)
    rng = np.random.default_rng(8)
    early = known.as_of < ROWS // 2
    signal = np.where(known.bad, 1.2, 0.0) + rng.normal(size=ROWS)
    half = number("half", np.where(early, signal, rng.normal(size=ROWS)))
    turns = number("turns", np.where(early, signal, -signal))
    found = _select(_with(frame, half, turns), known)
    assert found.why("half").fate is Fate.HALF
    assert found.why("turns").fate is Fate.TURNS
    timeless = Known(bad=known.bad, groups=known.groups)
    assert "half" in _select(_with(frame, half), timeless).kept


def test_what_moved_is_told_and_dropped_only_where_that_is_asked_for() -> None:
    """A number that drifts has a large PSI; `drift` drops it by its reason."""
    frame, known = _world(noise=5)
    moved = number("moved", frame["real_0"].values + np.linspace(0.0, 4.0, ROWS))
    frame = _with(FeatureFrame(rows=ROWS, columns=frame.columns[1:6]), moved)
    assert (_select(frame, known).why("moved").psi or 0.0) > 1.0
    strict = _select(frame, known, Selection(drift=0.25))
    assert strict.why("moved").fate is Fate.DRIFT
    assert strict.why("real_1").fate is Fate.KEPT


def test_columns_that_say_nothing_are_dropped_by_reason() -> None:
    """No value, one value, and the wishes of the product each have their own reason."""
    frame, known = _world(noise=5)
    frame = _with(
        frame, number("empty", np.full(ROWS, np.nan)), number("one", np.ones(ROWS)),
        labels("same", np.zeros(ROWS), ("x",)), labels("none", np.full(ROWS, -1), ()),
    )  # fmt: skip
    found = _select(frame, known, Selection(keep=("noise_00*",)))
    fates = {name: found.why(name).fate for name in ("empty", "one", "same", "none", "noise_001")}
    assert fates == {
        "empty": Fate.EMPTY, "one": Fate.CONSTANT, "same": Fate.CONSTANT, "none": Fate.EMPTY,
        "noise_001": Fate.ASKED,
    }  # fmt: skip
    assert sum(found.counts.values()) == len(frame.columns)


@pytest.mark.parametrize("most", [1, 3, 4])
def test_no_more_are_kept_than_asked_for(
    most: int, world: tuple[FeatureFrame, Known, Selected]
) -> None:
    """`most` bounds the set."""
    assert 1 <= len(_select(world[0], world[1], Selection(most=most)).kept) <= most


def test_a_category_of_many_levels_that_says_nothing_is_dropped() -> None:
    """Noise with a thousand levels does not pass, a town that matters does."""
    frame, bad = applicants(5000, towns=40)
    rng = np.random.default_rng(2)
    streets = labels("street", rng.integers(0, 1000, 5000), tuple(f"s{k}" for k in range(1000)))
    found = _select(_with(frame, streets), Known(bad=bad, groups=customers(5000)))
    assert {"town", "income"} <= {*found.kept}
    assert "street" not in found.kept


def test_gains_sum_to_what_the_trees_take_off_the_log_loss() -> None:
    """All gains together are the loss of the base rate less that of the trees."""
    frame, bad = applicants(2000, towns=30)
    fold = np.arange(2000) % 5
    coded = code_frame(list(frame.columns), bad, fold, None, customers(2000))
    with Silent().step("") as step:
        verdict = judge(coded, seed=1, step=step)
    loss = -np.log(np.where(coded.bad, verdict.pd, 1.0 - verdict.pd)).mean()
    held = np.array([coded.bad[coded.fold != k].mean() for k in range(5)])[coded.fold]
    base = -np.log(np.where(coded.bad, held, 1.0 - held)).mean()
    assert verdict.gain.sum() == pytest.approx(base - loss, rel=0.02)


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1, max_size=300))
def test_codes_keep_the_order_of_values(found: list[float | None]) -> None:
    """A larger value never has a smaller code, equal values share one, and holes are holes."""
    values = np.array([np.nan if value is None else value for value in found])
    codes = code_number(values).astype(int)
    assert ((codes == MISSING) == np.isnan(values)).all()
    order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]
    assert (np.diff(codes[order]) >= 0).all()
    assert codes[order].max(initial=0) < 63
    same = np.diff(values[order]) == 0.0
    assert (np.diff(codes[order])[same] == 0).all()


def test_a_shuffled_copy_keeps_what_repeats_within_customers() -> None:
    """Where a customer's rows agree, they agree in the copy; all values are still there."""
    groups = np.repeat(np.arange(200), 3)
    frame = FeatureFrame(rows=600, columns=(number("x", groups * 1.5),))
    coded = code_frame(list(frame.columns), groups % 3 == 0, groups % 5, None, groups)
    copied = with_shuffled(coded, [0, 0], seed=4)
    assert copied.copies.tolist() == [False, True, True]
    for copy in copied.codes[1:]:
        assert (np.sort(copy) == np.sort(coded.codes[0])).all()
        assert (copy != coded.codes[0]).any()
        assert all(len(set(copy[coded.customer == k])) == 1 for k in range(200))
    assert (copied.codes[1] != copied.codes[2]).any()


def test_labels_of_a_held_out_fold_speak_nowhere_while_it_is_held_out() -> None:
    """Turning the outcomes of fold 2 round changes no code told while fold 2 is held out."""
    rng = np.random.default_rng(0)
    level, fold, bad = rng.integers(0, 9, 500), np.arange(500) % 5, rng.random(500) < 0.4
    turned = np.where(fold == 2, ~bad, bad)
    first, second = tell(level, bad, fold), tell(level, turned, fold)
    assert (first[2] == second[2]).all()
    assert (first[0] != second[0]).any()


def test_equal_columns_alone_share_a_signature() -> None:
    """Minus zero is zero, labels count by name, and a hole is no zero."""
    ab, ba = ("a", "b"), ("b", "a")
    assert signature(number("x", [0.0, 1.0])) == signature(number("y", [-0.0, 1.0]))
    assert signature(labels("x", [0, 1], ab)) == signature(labels("y", [1, 0], ba))
    assert signature(number("x", [0.0, 1.0])) != signature(number("x", [np.nan, 1.0]))
    assert signature(number("x", [1.0, np.nan])) is not None


def test_a_number_alone_gains_where_it_matters_and_loses_where_it_does_not() -> None:
    """On held-out rows a real number gains and noise costs."""
    frame, known = _world(noise=30)
    coded = code_frame(list(frame.columns), known.bad, np.arange(ROWS) % 5, None, known.groups)
    gains = {name: judge_alone(coded, place).gain for place, name in enumerate(coded.names)}
    assert min(gains[f"real_{k}"] for k in range(6)) > 0.005
    assert np.mean([gain for name, gain in gains.items() if "noise" in name]) < 0.0


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=60), st.floats(0.1, 10.0))
def test_the_line_never_rises_above_the_luckiest_copy(gains: list[float], per_copy: float) -> None:
    """The line lies between zero and the highest gain of a copy."""
    found, copy = np.array(gains), np.arange(len(gains)) % 2 == 0
    assert 0.0 <= draw_line(found, copy, per_copy) <= max(0.0, float(found[copy].max()))


def test_luck_is_told_from_what_is_beyond_it() -> None:
    """The best of many is luck unless it lies beyond where the copies' tail would end."""
    copies = np.linspace(0.0, 1.0, 100)
    mark = np.array([True] * 100 + [False] * 2)
    assert not beats_luck(np.array([*copies, 1.01, 0.2]), mark, 0.5)
    assert beats_luck(np.array([*copies, 9.0, 0.2]), mark, 0.5)


def test_wishes_that_make_no_sense_are_refused() -> None:
    """Each names its field."""
    for wish in ({"most": 0}, {"keep": "x"}, {"alike": 0.0}, {"alike": 1.5}, {"drift": 0.0}):
        with pytest.raises(DeclarationError):
            Selection(**wish)  # type: ignore[arg-type]
    for text in ("0", "-3", "abc", "", "3.5"):
        with pytest.raises(DeclarationError) as caught:
            read_selection(text, "auto")
        assert caught.value.field == "select"
    with pytest.raises(DeclarationError):
        require_selection("some")


def test_selection_is_off_where_candidates_are_few_unless_asked_for() -> None:
    """Up to 300 all are kept; a number asked for keeps the product's other wishes."""
    assert wanted("auto", 300) is None
    assert wanted("auto", 301) == Selection()
    assert wanted("all", 9000) is None
    asked = read_selection("20", Selection(most=5, keep=("a",)))
    assert asked == Selection(most=20, keep=("a",))
    assert read_selection("auto", asked) == asked
    assert wanted(asked, 3) == asked


def test_input_that_cannot_be_selected_from_is_refused() -> None:
    """One class, an infinite number, nothing that differs, a negative seed."""
    frame, known = _world(noise=1)
    with pytest.raises(OneClassError):
        _select(frame, dataclasses.replace(known, bad=np.zeros(ROWS, bool)))
    with pytest.raises(DataError):
        _select(_with(frame, number("inf", np.full(ROWS, np.inf))), known)
    with pytest.raises(TrainingError):
        _select(FeatureFrame(rows=ROWS, columns=(number("one", np.ones(ROWS)),)), known)
    with pytest.raises(TrainingError):
        select_features(frame, known, Selection(), seed=-1, progress=Silent())


def test_a_damaged_file_of_findings_is_refused(
    world: tuple[FeatureFrame, Known, Selected],
) -> None:
    """Whatever entry is gone or of another kind, it is a bundle error and no stack trace."""
    whole = json.loads(world[2].to_bytes())
    for key in whole:
        for wrong in (None, 7, "x", [1], [{"name": 3}]):
            if type(wrong) is type(whole[key]) and not isinstance(wrong, list):
                continue
            if isinstance(wrong, int) and isinstance(whole[key], float):
                continue
            with pytest.raises(BundleError):
                Selected.from_bytes(json.dumps(whole | {key: wrong}).encode())
    with pytest.raises(DeclarationError):
        world[2].why("nobody")
