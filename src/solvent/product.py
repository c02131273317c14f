"""A lending product, declared once: the same declaration trains, scores and reports."""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from solvent.dataset import Bad, Plan, Waiver
from solvent.dataset.changing import require_changeable
from solvent.dataset.plan import TEST_SHARE, extras_of, watched_of
from solvent.domain import Letterhead, Question
from solvent.errors import DeclarationError, MissingFileError, SolventError
from solvent.features import Applications, Attributes, Events, Feature
from solvent.features.presence import presence
from solvent.features.program import compile_features
from solvent.models.card import Card
from solvent.models.links import Link, require_chain
from solvent.models.selection import AUTO, Selection, require_selection

FILE = "product.py"
BY_TIME, AT_RANDOM = "by_time", "at_random"
SPLITS = (BY_TIME, AT_RANDOM)
DIRECTIONS = {"riskier": 1, "safer": -1}
Features = Sequence["Feature | Iterable[Feature]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A lending product.

    Args:
        name: Identifier of the product.
        applications: The application table.
        bad: What "bad" means.
        features: Features, or groups of them such as `behaviour(...)`.
        sources: Event and attribute tables about the customer.
        protected: Columns kept for fairness checks and never given to a model.
        technique: How the PD model is made: the name of a technique, or of a file beside
            product.py that holds one.
        title: Words a person reads.
        data: Folder of the raw tables, relative to the product's; `--data` overrides it.
        amount: Application column with the amount asked for; None where there is none.
        observed_until: ISO instant up to which outcomes are known; None: the latest in the data.
        test_share: Share kept for the test, in (0, 1).
        split: "by_time" (the default where there are times) or "at_random" (by customer; said
            aloud on every report).
        waivers: Accepted failures of the leakage gate, each with a reason.
        reasons: Pattern of feature names ("top_ups_*") -> the reason as an applicant reads it; the
            first pattern that matches counts. A model with a feature without one cannot go live.
        form: Questions of the application form; empty asks for every application column a
            feature reads.
        key_words: What a person calls the key: "phone number", "client number".
        select: Which candidates the model reads: a `Selection`, "all", or "auto" (the default),
            which selects where there are more than 300.
        directions: Pattern of feature names ("top_ups_*") -> "riskier" or "safer": what a higher
            value may only mean, for techniques that can be held to it; the first pattern that
            matches counts.
        changeable: Pattern of feature names ("amount") -> "lower" or "higher": what an applicant
            could do something about, and which way; who is refused is told which single change
            would have been approved. The first pattern that matches counts.
        letter: What the lender says of itself and of a person's rights in letters about refusals.
        central_tendency: Long-run bad rate of the portfolio, in (0, 1), that the mean PD over the
            training applications is brought to; None leaves PDs as the outcomes say.
        card: How a scorecard is made, and what is decided of it by hand.
        chain: Several models, tried in order of what is known of an applicant; empty for one. The
            last link needs nothing.
        recall: Share of defaulters that the training report's cutoff must catch, in (0, 1]; None
            takes the cutoff with the best F1.
    """

    name: str
    applications: Applications
    bad: Bad
    features: Features
    sources: tuple[Events | Attributes, ...] = ()
    protected: tuple[str, ...] = ()
    technique: str = "boosted_trees"
    title: str = ""
    data: str = "data"
    amount: str | None = None
    observed_until: str | None = None
    test_share: float = TEST_SHARE
    split: str = BY_TIME
    waivers: tuple[Waiver, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    form: tuple[Question, ...] = ()
    key_words: str = "client number"
    recall: float | None = None
    central_tendency: float | None = None
    select: Selection | str = AUTO
    directions: Mapping[str, str] = field(default_factory=dict)
    changeable: Mapping[str, str] = field(default_factory=dict)
    letter: Letterhead = field(default_factory=Letterhead)
    card: Card | None = None
    chain: tuple[Link, ...] = ()

    def directions_of(self, names: Iterable[str]) -> dict[str, int]:
        """Return the declared direction of each feature that has one: +1 riskier, -1 safer."""
        found = {
            name: next((w for p, w in self.directions.items() if fnmatchcase(name, p)), None)
            for name in names
        }
        return {name: DIRECTIONS[word] for name, word in found.items() if word is not None}

    def made_by(self, technique: str) -> Product:
        """Return the product with every model of it made by one technique."""
        links = tuple(replace(link, technique="") for link in self.chain)
        return replace(self, technique=technique, chain=links)

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise DeclarationError(
                f"{self.name!r} cannot name a product",
                hint="use letters, digits and underscores, starting with a letter", field="name",
            )  # fmt: skip
        for name in ("sources", "protected", "waivers", "form", "chain"):
            if isinstance(getattr(self, name), str):
                raise DeclarationError(
                    "is one word where several are expected",
                    hint=f'write {name}=("...",) with a comma', field=name,
                )  # fmt: skip
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.split not in SPLITS:
            raise DeclarationError(
                f"{self.split!r} is no split", hint=f"one of {', '.join(SPLITS)}", field="split"
            )
        require_selection(self.select)
        if self.card is not None and not isinstance(self.card, Card):
            raise DeclarationError(
                f"a {type(self.card).__name__} is no card", hint="write card=Card(...)",
                field="card",
            )  # fmt: skip
        _require_directions(self)
        if self.recall is not None and not 0.0 < self.recall <= 1.0:
            raise DeclarationError(
                f"{self.recall:g} is no share of the defaulters", hint="give a share such as 0.8",
                field="recall",
            )  # fmt: skip
        if self.central_tendency is not None and not 0.0 < self.central_tendency < 1.0:
            raise DeclarationError(
                f"{self.central_tendency:g} is no share of loans that go bad",
                hint="give the long-run bad rate, such as 0.05", field="central_tendency",
            )  # fmt: skip
        if self.amount is not None and self.amount not in self.applications.columns:
            raise DeclarationError(
                f"{self.amount!r} is no declared column of {self.applications.name}",
                hint="declare it in columns, or leave amount out", field="amount",
            )  # fmt: skip
        _require_protected_exist(self)
        _require_askable(self)
        _require_reason_texts(self)
        plan = self.plan
        require_chain(self.chain, plan.model_features, self.sources)
        compile_features(plan.applications, plan.sources, plan.features)
        if self.card is not None:
            self.card.require_known(feature.name for feature in plan.features)
        _require_directed(self.directions, plan.features)
        require_changeable(self.changeable, (*plan.features, *plan.extras), self.protected)

    @property
    def plan(self) -> Plan:
        """What a dataset of this product is built from."""
        features = flatten(self.features)
        features += watched_of(self.applications, self.sources, features, self.protected)
        needed = {name for link in self.chain for name in link.needs}
        known = tuple(presence(source) for source in self.sources if source.name in needed)
        features += known
        closed = (*self.protected, *self.bad.columns)  # what must decide nothing, and the outcome
        return Plan(
            product=self.name, applications=self.applications, sources=self.sources,
            features=features, extras=extras_of(self.applications, features, closed),
            bad=self.bad, protected=self.protected, at_random=self.split == AT_RANDOM,
            observed_until=self.observed_until, test_share=self.test_share, waivers=self.waivers,
            presence=tuple(feature.name for feature in known),
        )  # fmt: skip


def flatten(features: Features) -> tuple[Feature, ...]:
    """Return features and groups of them as one flat tuple.

    Raises:
        DeclarationError: If something else stands among them.
    """
    found: list[Feature] = []
    for item in features:
        if isinstance(item, Feature):
            found.append(item)
        elif isinstance(item, Iterable) and not isinstance(item, str):
            found += flatten(tuple(item))
        else:
            raise DeclarationError(
                f"a {type(item).__name__} is no feature",
                hint="use behaviour(source), count(source), own(applications, column), ...",
                field="features",
            )
    return tuple(found)


def _require_protected_exist(product: Product) -> None:
    tables = (product.applications, *product.sources)
    known = {name for table in tables for name in table.columns}
    for name in product.protected:
        if name not in known:
            raise DeclarationError(
                f"no table declares a column {name!r}",
                hint="declare the column so that it can be kept for fairness checks",
                field="protected",
            )


def _require_askable(product: Product) -> None:
    """Refuse a question about a column nobody declared, asked before, or that decides nothing."""
    asked: set[str] = set()
    for question in product.form:
        if question.column in asked:
            raise DeclarationError(
                f"{question.column!r} is asked for twice", hint="leave one of the questions out",
                field="form",
            )  # fmt: skip
        asked.add(question.column)
        if question.column not in product.applications.columns:
            raise DeclarationError(
                f"{question.column!r} is no declared column of {product.applications.name}",
                hint=f"columns: {', '.join(product.applications.columns)}", field="form",
            )  # fmt: skip
        if question.column in product.protected:
            raise DeclarationError(
                f"{question.column!r} is protected, so the form must not ask for it",
                hint="leave the question out", field="form",
            )  # fmt: skip


def _require_directions(product: Product) -> None:
    for pattern, word in product.directions.items():
        if word not in DIRECTIONS:
            raise DeclarationError(
                f"{word!r} is no direction of {pattern!r}",
                hint=f"what a higher value means: {' or '.join(DIRECTIONS)}", field="directions",
            )  # fmt: skip


def _require_directed(directions: Iterable[str], features: Iterable[Feature]) -> None:
    """Refuse a direction of nothing, or of categories, which have no higher value."""
    categories = {feature.name: feature.is_category for feature in features}
    for pattern in directions:
        met = [name for name in categories if fnmatchcase(name, pattern)]
        if not met:
            close = difflib.get_close_matches(pattern, categories, n=3)
            raise DeclarationError(
                f"{pattern!r} matches no feature", field="directions",
                hint=f"did you mean {' or '.join(map(repr, close))}?" if close
                else "solvent features DIR lists them",
            )  # fmt: skip
        if all(categories[name] for name in met):
            raise DeclarationError(
                f"{met[0]} is a category, of which no value is higher",
                hint="declare directions of numbers", field="directions",
            )  # fmt: skip


def _require_reason_texts(product: Product) -> None:
    for pattern, text in product.reasons.items():
        if not text.strip():
            raise DeclarationError(
                f"{pattern!r} has no words", hint="write the reason as an applicant reads it",
                field="reasons",
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProduct:
    """A product read from its folder.

    Args:
        product: The declaration.
        folder: Where it lies.
        digest: sha256 of product.py.
    """

    product: Product
    folder: Path
    digest: str


def load_product(folder: Path) -> LoadedProduct:
    """Run `product.py` in `folder` and return the product it declares.

    Raises:
        MissingFileError: If there is no product.py.
        DeclarationError: If it cannot be run or declares no product.
    """
    path = folder / FILE
    if not path.is_file():
        raise MissingFileError(
            f"there is no {FILE} in {folder.name or folder}",
            hint="name a folder with a product, or make one: "
            "solvent new DIR --applications FILE --bad COLUMN",
            field="product",
        )
    spec = importlib.util.spec_from_file_location(f"solvent_product_{folder.resolve().name}", path)
    if spec is None or spec.loader is None:
        raise DeclarationError(f"{FILE} cannot be read", field="product")
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except SolventError:
        raise
    except (Exception, SystemExit) as error:
        words = error.msg if isinstance(error, SyntaxError) else error
        raise DeclarationError(
            f"{FILE} cannot be run: {type(error).__name__}: {words}{_line_of(error, path)}",
            hint=_meant(error, vars(module)) or "mend that line; `python product.py` shows more",
            field="product",
        ) from error
    finally:
        sys.dont_write_bytecode = written
    product = getattr(module, "product", None)
    if not isinstance(product, Product):
        raise DeclarationError(
            f"{FILE} declares no product",
            hint="end it with product = Product(...)",
            field="product",
        )
    return LoadedProduct(
        product=product, folder=folder, digest=hashlib.sha256(path.read_bytes()).hexdigest()
    )


_UNKNOWN_KEYWORD = re.compile(r"(\w+)(\.__init__)?\(\) got an unexpected keyword argument '(\w+)'")


def _meant(error: BaseException, names: dict[str, Any]) -> str:
    """Return which word a misspelt one was meant to be; empty where nobody can tell."""
    found = _UNKNOWN_KEYWORD.search(str(error))
    wrong, known, all_of_them = "", list(names), ""
    if isinstance(error, NameError):
        wrong = error.name or ""
    elif found is not None and callable(names.get(found[1])):
        wrong, known = found[3], list(inspect.signature(names[found[1]]).parameters)
        all_of_them = f"{found[1]} knows: {', '.join(known)}"
    close = difflib.get_close_matches(wrong, known, n=1)
    return f"did you mean {close[0]!r}?" if close else all_of_them


def _line_of(error: BaseException, path: Path) -> str:
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {line})" if line else ""
