"""Finding a technique, or the native form of a model, by its name; nothing is imported before."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from solvent.errors import BundleError, SolventError, TechniqueError
from solvent.models import scorers, techniques
from solvent.models.technique import FittedModel, Technique


@cache
def technique_names() -> tuple[str, ...]:
    """Return the names of all techniques that come with solvent.

    >>> "boosted_trees" in technique_names()
    True
    """
    names = (module.name for module in iter_modules(techniques.__path__))
    return tuple(sorted(name for name in names if not name.startswith("_")))


def own_technique_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the techniques that lie beside a product, without running any.

    A technique is a Python file that assigns `technique`; one that cannot be parsed counts too
    where it names it, so that `find_technique` can say what is wrong with it.

    Args:
        folder: Of the product.
    """
    found = (path for path in folder.glob("*.py") if path.stem.isidentifier())
    return tuple(sorted(path.stem for path in found if _names_technique(path)))


def _names_technique(path: Path) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return "\ntechnique" in text
    targets = [
        target
        for line in body
        if isinstance(line, ast.Assign | ast.AnnAssign)
        for target in (line.targets if isinstance(line, ast.Assign) else [line.target])
    ]
    return any(isinstance(one, ast.Name) and one.id == "technique" for one in targets)


@cache
def technique_extra(name: str) -> str:
    """Return the extra of solvent that a technique needs, which bears its name; empty for none.

    >>> technique_extra("logistic")
    ''
    """
    try:
        extras = metadata("solvent").get_all("Provides-Extra") or []
    except PackageNotFoundError:
        return ""
    return name if name in {extra.replace("-", "_") for extra in extras} else ""


def find_technique(name: str, folder: Path | None = None) -> Technique:
    """Return a technique.

    Args:
        name: Its name.
        folder: Of a product, whose own techniques count too; one of the same name comes first.

    Raises:
        TechniqueError: There is none of that name, or its file cannot be run or holds none.

    >>> find_technique("logistic").name
    'logistic'
    """
    if folder is not None and name.isidentifier() and (folder / f"{name}.py").is_file():
        return _own(name, folder / f"{name}.py")
    if name not in technique_names():
        raise TechniqueError(
            f"no such technique: {name}", field="technique",
            hint=f"one of {', '.join(technique_names())}, or a file {name}.py beside product.py",
        )  # fmt: skip
    found: Technique = import_module(f"{techniques.__name__}.{name}").technique
    return found


def _own(name: str, path: Path) -> Technique:
    """Run a file beside a product and return the technique it holds."""
    spec = spec_from_file_location(f"solvent_technique_{name}", path)
    if spec is None or spec.loader is None:
        raise TechniqueError(f"{path.name} cannot be read", field="technique")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    except SolventError:
        raise
    except (Exception, SystemExit) as error:
        raise TechniqueError(
            f"{path.name} cannot be run: {type(error).__name__}: {error}",
            hint=f"`python {path.name}` shows more", field="technique",
        ) from error  # fmt: skip
    found: Any = getattr(module, "technique", None)
    missing = [part for part in ("name", "title", "space", "fit") if not hasattr(found, part)]
    if missing:
        raise TechniqueError(
            f"{path.name} holds no technique: {', '.join(missing)} missing",
            hint="end it with `technique = ...`, something with name, title, space() and fit()",
            field="technique",
        )
    if found.name != name:  # figures, trials and bundles go by it
        raise TechniqueError(
            f"the technique in {path.name} is called {found.name!r}",
            hint=f"call it {name!r}, as its file, or rename the file", field="technique",
        )  # fmt: skip
    checked: Technique = found
    return checked


@cache
def scorer_names() -> tuple[str, ...]:
    """Return the names of all native forms."""
    return tuple(sorted(module.name for module in iter_modules(scorers.__path__)))


def load_scorer(name: str, files: Mapping[str, bytes], technique: str) -> FittedModel:
    """Read a model from the files its `save` gave.

    Args:
        name: The native form.
        files: By name.
        technique: The name of the technique that made it.

    Raises:
        BundleError: There is no such form here, or a file is missing or damaged.
    """
    if name not in scorer_names():
        raise BundleError(
            f"needs the scorer {name!r}, which this version does not have",
            hint="use the version of solvent that wrote it, or train again", field="scorer",
        )  # fmt: skip
    found: FittedModel = import_module(f"{scorers.__name__}.{name}").load(files, technique)
    return found
