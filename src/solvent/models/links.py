"""The links of a chain of models, as a product declares them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from solvent.errors import DeclarationError
from solvent.features import Attributes, Events, Feature
from solvent.features.aggregates import tables_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One model of a chain, as a product declares it.

    Args:
        name: Its word: "client".
        needs: Names of sources that must know the applicant: each has a row as of the application.
            The last link of a chain needs none.
        words: Whom it is for, as a person says it: "clients the bank knows"; empty for its name.
        features: Patterns of the names of the features that its model reads; empty for all that
            read no source but those needed.
        technique: How its model is made; empty for the product's technique.
    """

    name: str
    needs: tuple[str, ...] = ()
    words: str = ""
    features: tuple[str, ...] = ()
    technique: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise DeclarationError(
                f"{self.name!r} cannot name a link",
                hint="use letters, digits and underscores, starting with a letter", field="chain",
            )  # fmt: skip
        for part in ("needs", "features"):
            if isinstance(getattr(self, part), str):
                raise DeclarationError(
                    "is one word where several are expected",
                    hint=f'write {part}=("...",) with a comma', field=f"chain.{self.name}.{part}",
                )  # fmt: skip
            object.__setattr__(self, part, tuple(getattr(self, part)))

    @property
    def whom(self) -> str:
        """Whom it is for, in words."""
        return self.words or self.name.replace("_", " ")

    def reads(
        self, features: Sequence[Feature], sources: Sequence[Events | Attributes]
    ) -> tuple[str, ...]:
        """Return the names of the features its model reads, in order.

        Args:
            features: Those a model may be given.
            sources: Every source of the product.
        """
        if self.features:
            return tuple(
                feature.name
                for feature in features
                if any(fnmatchcase(feature.name, pattern) for pattern in self.features)
            )
        within = set(self.needs)
        for _ in sources:  # what lies below a source that is needed, however deep
            within |= {s.name for s in sources if isinstance(s, Events) and s.parent in within}
        return tuple(feature.name for feature in features if tables_of(feature) <= within)


def require_chain(
    chain: Sequence[Link],
    features: Sequence[Feature],
    sources: Sequence[Events | Attributes],
) -> None:
    """Refuse a chain that cannot score everybody, or a link that could never score anybody.

    Args:
        chain: The links in the order they are tried; none where a product has one model.
        features: Those a model may be given.
        sources: Every source of the product.

    Raises:
        DeclarationError: It is no such chain.
    """
    if not chain:
        return
    if len(chain) < 2 or chain[-1].needs:
        raise DeclarationError(
            "the last of several links must take everybody whom no other takes",
            hint='end the chain with a link without needs: Link(name="newcomer")', field="chain",
        )  # fmt: skip
    for place, link in enumerate(chain):
        _require_sources(link, sources)
        _require_reached(link, chain[:place])
        _require_features(link, features, sources)


def _require_sources(link: Link, sources: Sequence[Events | Attributes]) -> None:
    by_name = {source.name: source for source in sources}
    field = f"chain.{link.name}.needs"
    for name in link.needs:
        source = by_name.get(name)
        if source is None:
            close = difflib.get_close_matches(name, by_name, n=1)
            guess = f"did you mean {close[0]!r}? " if close else ""
            raise DeclarationError(
                f"{name!r} is no source of the product",
                hint=f"{guess}sources: {', '.join(by_name) or 'none'}", field=field,
            )  # fmt: skip
        if isinstance(source, Events) and source.parent:
            raise DeclarationError(
                f"{name!r} knows no customer, only rows of {source.parent!r}",
                hint=f"need {source.parent!r} instead", field=field,
            )  # fmt: skip


def _require_reached(link: Link, earlier: Sequence[Link]) -> None:
    for other in earlier:
        if other.name == link.name:
            raise DeclarationError(
                f"two links are called {link.name!r}", hint="give one another name", field="chain"
            )
        if set(other.needs) <= set(link.needs):
            raise DeclarationError(
                f"nobody would reach it: {other.name!r} stands before it and needs no more",
                hint="put the link that needs more first, or leave one of the two out",
                field=f"chain.{link.name}",
            )


def _require_features(
    link: Link, features: Sequence[Feature], sources: Sequence[Events | Attributes]
) -> None:
    names = [feature.name for feature in features]
    for pattern in link.features:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise DeclarationError(
                f"no feature is called {pattern!r}",
                hint="name features a model may be given, or leave features out",
                field=f"chain.{link.name}.features",
            )
    if not link.reads(features, sources):
        raise DeclarationError(
            "its model has no feature to read: each reads a source that it does not need",
            hint='name what it reads in features=("...",), or declare features of the application',
            field=f"chain.{link.name}",
        )
