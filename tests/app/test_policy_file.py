"""The policy file: every fault is told by the word it is about, with what to do; nothing runs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from solvent.app.policy_file import FILE, parse_policy, parse_text, read_policy
from solvent.domain import Verdict
from solvent.errors import DeclarationError, MissingFileError
from solvent.policy import AllOf, Compare, Comparison, CostMatrix, IsMissing, Not, OneOf, Policy
from tests.laws import ROOT

EXAMPLES = sorted((ROOT / "examples").glob(f"*/{FILE}"))
SMALL = """
product: shop
name: first
cutoffs: {approve_below: 0.1}
offer: {variants: [{name: loan, title: Loan}]}
cost_matrix: {good_approved: 1, bad_approved: -3}
"""
CUTOFFS, MONEY = (
    "cutoffs: {approve_below: 0.1}",
    "cost_matrix: {good_approved: 1, bad_approved: -3}",
)
OFFER = "offer: {variants: [{name: loan, title: Loan}]}"
ASKED = "knock_outs:\n  - {code: a, reason: Because, when: %s}"


def _swap(old: str, new: str) -> str:
    assert old in SMALL
    return SMALL.replace(old, new)


def _when(words: str) -> str:
    return SMALL + ASKED % words


def _refused(text: str) -> DeclarationError:
    with pytest.raises(DeclarationError) as caught:
        parse_text(text)
    assert caught.value.hint
    assert caught.value.field
    return caught.value


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_every_example_reads_and_survives_being_kept_as_json(path: Path) -> None:
    document, policy = read_policy(path.parent)
    assert policy.product == path.parent.name
    assert parse_policy(json.loads(json.dumps(document))) == parse_policy(document) == policy


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


UNKNOWN = [
    ("bnads: []", "bnads", "did you mean 'bands'?"),
    ("_foo: 1", "_foo", "known here: product, name"),
    ("float: 1", "float", "known here: product, name"),
    ("bands: [{name: A, score: 600}]", "bands.0.score", "did you mean 'score_from'?"),
    (ASKED % "{feature: x, one_off: [1]}", "knock_outs.0.when.one_off", "'one_of'"),
    (ASKED % "{not: {feature: x, belw: 1}}", "knock_outs.0.when.not.belw", "'below'"),
    (ASKED % "{not_: {feature: x, below: 1}}", "knock_outs.0.when.not_", "'not'"),
    ("alternatives: [{name: a, tilte: A, approve_below: 1}]", "alternatives.0.tilte", "'title'"),
]


@pytest.mark.parametrize(("line", "field", "hint"), UNKNOWN)
def test_an_unknown_word_is_told_with_the_one_it_was_meant_to_be(
    line: str, field: str, hint: str
) -> None:
    error = _refused(f"{SMALL}{line}\n")
    assert (error.field, error.message) == (field, "the policy knows no such word")
    assert hint in error.hint


@pytest.mark.parametrize(
    ("given", "field", "hint"),
    [
        ("{amout: 1}", "economics.amout", "did you mean 'amount'?"),
        ("{amount: {feature: x, tims: 2}}", "economics.amount.tims", "did you mean 'times'?"),
    ],
)
def test_an_unknown_word_goes_before_what_is_missing_for_want_of_it(
    given: str, field: str, hint: str
) -> None:
    error = _refused(_swap(MONEY, f"economics: {given}"))
    assert error.field == field
    assert hint in error.hint


WRONG = [
    ("product is missing", _swap("product: shop\n", ""), "product"),
    ("name is missing", _swap("name: first\n", ""), "name"),
    ("name is empty", _swap("first", "''"), "name"),
    ("name is a day", _swap("first", "2026-11-01"), "name"),
    ("product is no word", _swap("shop", "my shop"), "product"),
    ("text for a number", _swap("0.1", "'0.1'"), "cutoffs.approve_below"),
    ("a truth for a number", _swap("0.1", "true"), "cutoffs.approve_below"),
    ("no number", _swap("0.1", ".nan"), "cutoffs.approve_below"),
    ("no end", _swap("0.1", ".inf"), "cutoffs.approve_below"),
    ("more than a number holds", _swap("0.1", "1" + "0" * 400), "cutoffs.approve_below"),
    ("no PD", _swap("0.1", "1.5"), "cutoffs.approve_below"),
    ("stricter from refer on", _swap("0.1", "0.1, refer_below: 0.05"), "cutoffs.refer_below"),
    ("text for an amount", _swap("variants", "amounts: ['5'], variants"), "offer.amounts.0"),
    ("an amount of nothing", _swap("variants", "amounts: [5, 0], variants"), "offer.amounts"),
    ("nothing to offer", _swap(OFFER, "offer: {variants: []}"), "offer.variants"),
    ("a price below 0", _swap("variants", "price: -1, variants"), "offer.price"),
    ("half a decimal", _swap("variants", "scale: 2.5, variants"), "offer.scale"),
    (
        "an offer for some alone",
        _swap("title: Loan", "title: Loan, when: {feature: x, above: 1}"), "offer.variants",
    ),
    ("money twice", f"{SMALL}economics: {{amount: 1}}", "economics"),
    ("no money", _swap(MONEY, ""), "economics"),
    ("text for money", _swap(MONEY, "economics: {amount: '5'}"), "economics.amount"),
    ("a list for money", _swap(MONEY, "economics: {amount: [5]}"), "economics.amount"),
    ("no share", _swap(MONEY, "economics: {amount: 1, lgd: 1.2}"), "economics.lgd"),
    ("text for a share", _swap(MONEY, "economics: {amount: 1, lgd: '1'}"), "economics.lgd"),
    (
        "text within a figure",
        _swap(MONEY, "economics: {amount: {feature: x, times: two}}"), "economics.amount.times",
    ),
    (
        "limits the wrong way round",
        _swap(MONEY, "economics: {amount: {feature: x, at_least: 2, at_most: 1}}"), "economics",
    ),
    (
        "a band twice",
        f"{SMALL}bands: [{{name: A, score_from: 1}}, {{name: A, score_from: 2}}]", "bands",
    ),
    ("half a point", f"{SMALL}bands: [{{name: A, score_from: 600.5}}]", "bands.0.score_from"),
    (
        "an alternative stricter than the product",
        f"{SMALL}alternatives: [{{name: o, title: O, approve_below: 0.05}}]",
        "alternatives.o.approve_below",
    ),
    ("two comparisons", _when("{feature: x, above: 1, below: 3}"), "knock_outs.a.when"),
    ("no comparison", _when("{feature: x}"), "knock_outs.a.when"),
    ("no feature", _when("{above: 1}"), "knock_outs.a.when"),
    ("a group and a feature", _when("{feature: x, all: []}"), "knock_outs.a.when"),
    ("an empty group", _when("{any: []}"), "knock_outs.a.when"),
    ("text for a limit", _when("{feature: x, below: '18'}"), "knock_outs.0.when.below"),
    ("a list to equal", _when("{feature: x, equals: [1]}"), "knock_outs.0.when.equals"),
    ("a rule of no code", _when("{feature: x, above: 1}").replace("code: a", "code: A B"),
     "knock_outs.0.code"),
    ("a rule that approves",
     _when("{feature: x, above: 1}").replace("code: a", "code: a, verdict: approve"),
     "knock_outs.0.verdict"),
    ("a condition within itself", f"{SMALL}{ASKED % '&it {not: *it}'}", "knock_outs.0.when.not"),
    ("a number for a word", f"{SMALL}1: 2", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_what_does_not_fit_is_told_by_the_word_it_is_about(text: str, field: str) -> None:
    assert _refused(text).field == field


NO_YAML = [
    ("a key twice", f"{SMALL}name: second", "'name' stands twice (line 7)"),
    ("a key twice inside", _swap("0.1", "0.1, approve_below: 0.2"), "'approve_below' stands twice"),
    ("a tab", _swap("name: first", "\tname: first"), "(line 3)"),
    ("a list for a key", f"{SMALL}? [a]\n: 1", "cannot be a word of the policy (line 7)"),
    ("an open bracket", _swap("first", "[first"), "(line 4)"),
    ("two documents", f"{SMALL}---\n{SMALL}", "another document"),
    ("an unknown alias", f"{SMALL}bands: *nowhere", "'nowhere'"),
    ("a day that is none", _swap("first", "2026-13-45"), "cannot be read as YAML"),
    ("a time that is none", _swap("first", "!!timestamp x"), "cannot be read as YAML"),
    ("a truth that is none", _swap("first", "!!bool x"), "cannot be read as YAML"),
    ("a number that is none", _swap("first", "!!int x"), "cannot be read as YAML"),
    ("a number without end", _swap("0.1", "1" * 5_000), "cannot be read as YAML"),
    ("a control character", _swap("first", "a\x00b"), "cannot be read as YAML"),
    ("lists nested without end", "[" * 5_000, "cannot be read as YAML"),
    ("words nested without end", "{a: " * 3_000, "cannot be read as YAML"),
    ("nothing", "", "declares nothing"),
    ("a comment", "# later\n", "declares nothing"),
    ("a word", "later", "declares nothing"),
    ("a list", "- product: shop", "declares nothing"),
]


@pytest.mark.parametrize(("text", "words"), [n[1:] for n in NO_YAML], ids=[n[0] for n in NO_YAML])
def test_what_is_no_yaml_is_told_with_its_line(text: str, words: str) -> None:
    error = _refused(text)
    assert error.field == FILE
    assert words in error.message


@pytest.mark.parametrize(
    "call",
    [
        "!!python/object/apply:pathlib.Path.touch [PLACE]",
        "!!python/object/apply:os.system ['touch PLACE']",
        "!!python/object/new:os.system ['touch PLACE']",
        "!!python/name:os.system ''",
        "!!python/module:this ''",
    ],
)
def test_a_tag_of_python_is_refused_and_runs_nothing(call: str, tmp_path: Path) -> None:
    place = tmp_path / "ran"
    error = _refused(f"{SMALL}bands: {call.replace('PLACE', str(place))}\n")
    assert "constructor" in error.message
    assert not place.exists()


def test_conditions_nested_deep_are_read_or_refused_but_never_crash() -> None:
    for depth, fits in ((50, True), (5_000, False)):
        condition: dict[str, Any] = {"feature": "x", "below": 1}
        for _ in range(depth):
            condition = {"not": condition}
        document = yaml.safe_load(SMALL)
        document["knock_outs"] = [{"code": "a", "reason": "Because", "when": condition}]
        if fits:
            assert isinstance(parse_policy(document).knock_outs[0].when, Not)
            continue
        with pytest.raises(DeclarationError):
            parse_policy(document)


def test_a_file_that_is_missing_or_no_utf_8_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"policy\.yaml") as missing:
        read_policy(tmp_path)
    assert "examples/" in missing.value.hint
    (tmp_path / FILE).write_bytes(_swap("first", "café").encode("latin-1"))
    with pytest.raises(DeclarationError, match="UTF-8") as caught:
        read_policy(tmp_path)
    assert caught.value.field == FILE


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(SMALL, encoding="utf-8-sig")
    assert read_policy(tmp_path)[1].name == "first"


def test_what_may_be_left_out_takes_what_a_reader_expects() -> None:
    policy = parse_text(SMALL)[1]
    assert policy.cutoffs.refer_below == policy.cutoffs.approve_below == 0.1
    assert policy.economics == CostMatrix(good_approved=1.0, bad_approved=-3.0)
    rule = parse_text(_when("{feature: x, above: 1}"))[1].knock_outs[0]
    assert (rule.verdict, rule.catches_unknown) == (Verdict.DECLINE, False)


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        (
            "{feature: x, at_most: 3}",
            Compare(feature="x", comparison=Comparison.AT_MOST, value=3.0),
        ),
        (
            "{feature: x, equals: yes}",
            Compare(feature="x", comparison=Comparison("equals"), value=1),
        ),
        (
            "{feature: x, equals: 'yes'}",
            Compare(feature="x", comparison=Comparison.EQUALS, value="yes"),
        ),
        ("{feature: x, one_of: [a, 1, no]}", OneOf(feature="x", values=("a", 1.0, 0.0))),
        ("{feature: x, missing: true}", IsMissing(feature="x")),
        ("{feature: x, missing: false}", Not(part=IsMissing(feature="x"))),
        (
            "{all: [{feature: x, missing: true}, {not: {feature: y, missing: true}}]}",
            AllOf(parts=(IsMissing(feature="x"), Not(part=IsMissing(feature="y")))),
        ),
    ],
)
def test_a_condition_means_what_it_says(words: str, condition: object) -> None:
    assert parse_text(_when(words))[1].knock_outs[0].when == condition


_DOCUMENTS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in EXAMPLES]
_JUNK = st.sampled_from([None, True, -1, 0, 1.5, "", "x", [], {}, [1], {"a": 1}, float("nan")])


@given(st.sampled_from(_DOCUMENTS), st.randoms(use_true_random=False), _JUNK)
def test_any_value_put_anywhere_is_read_or_refused_with_a_field(
    document: dict[str, Any], random: Any, junk: object
) -> None:
    spoilt = copy.deepcopy(document)
    part: Any = spoilt
    while True:
        key = random.choice(list(part) if isinstance(part, dict) else range(len(part)))
        if not part[key] or not isinstance(part[key], dict | list) or random.random() < 0.3:
            break
        part = part[key]
    part[key] = junk
    found = _parsed(spoilt)
    if isinstance(found, DeclarationError):
        assert found.field
        assert found.hint
    else:
        assert parse_policy(json.loads(json.dumps(spoilt))) == found


def _parsed(document: dict[str, Any]) -> Policy | DeclarationError:
    try:
        return parse_policy(document)
    except DeclarationError as error:
        return error
