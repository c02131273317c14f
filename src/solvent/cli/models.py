"""`solvent models`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from solvent.cli.places import ProductFolder
from solvent.cli.terminal import out, show_table, told
from solvent.errors import BundleError, NotServedError, SolventError, WriteError
from solvent.product import load_product
from solvent.store import ModelRegistry, PolicyRegistry, home
from solvent.store.keyring import Keyring, public_keys
from solvent.store.models import HOME_VARIABLE
from solvent.store.writing import whole_file


class _Listing(TyperGroup):
    """Commands, of which `list` may be left out: `solvent models DIR`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's or typer's
        """Put `list` before a folder."""
        named = bool(args) and (args[0] in self.commands or args[0].startswith("-"))
        return super().parse_args(ctx, args if named or not args else ["list", *args])


models = typer.Typer(
    cls=_Listing,
    no_args_is_help=True,
    help="List the registered versions of a product, and say who vouches for them.\n\n"
    "What is trained or registered is signed with the key of its machine (signing.key in "
    "SOLVENT_HOME, made at first use), and nothing is loaded that no trusted key vouches for: the "
    "own one, and those in SOLVENT_HOME/trusted.\n\n"
    "To serve on another machine what was trained on this one:\n\n"
    "  here    solvent models key training.pem\n\n"
    "  there   solvent models trust training.pem      (it prints the same id)\n\n"
    "  copy    models/PRODUCT/VERSION, policies/PRODUCT/VERSION.json (same numbers)\n\n"
    "  there   solvent models verify PRODUCT\n\n"
    "Never copy signing.key: who has it can make models that are believed.",
)
Named = Annotated[
    str, typer.Argument(metavar="PRODUCT", help="The product's name, as in SOLVENT_HOME/models.")
]

HEADINGS = ("version", "trained at", "technique", "train", "test", "AUC", "Gini", "slope", "data")


@models.command("list")
@told
def list_models(folder: ProductFolder) -> None:
    """List the registered versions of a product: when, on what, how good.

    The word `list` may be left out.

    Example: solvent models list examples/airtime_loans
    """
    name = load_product(folder).product.name
    registry = ModelRegistry(home())
    rows = [row for version in registry.versions(name) for row in _rows(registry, name, version)]
    if not rows:
        out.print(
            f"no model of {name} is registered in {home()} ({HOME_VARIABLE} names another folder); "
            f"make one: solvent train {folder}",
            markup=False,
        )
        return
    show_table(f"Models of {name}", HEADINGS, rows)


@models.command()
@told
def sign(product: Named) -> None:
    """Vouch with this machine's key for versions nobody has signed.

    For what was made by a solvent that did not sign yet, on this machine: every byte is compared
    with the manifest first, but who wrote the manifest nobody can tell any more, so sign only what
    you know. What bears a signature already is left as it is; what bears one that is not believed
    is refused: see `solvent models trust`.

    Example: solvent models sign airtime_loans
    """
    registry, policies = ModelRegistry(home()), PolicyRegistry(home())
    _require_known(product, registry)
    for kind, kept in (("model", registry), ("policy", policies)):
        for version in kept.versions(product):
            done = "signed" if kept.sign(product, version) else "was signed already"
            out.print(f"{kind:8} {product} {version} {done}", markup=False)


@models.command()
@told
def verify(product: Named) -> None:
    """Tell of every version of a model and its policy whether it is whole and who vouches for it.

    Nothing is loaded. Ends with an error where a version would be refused.

    Example: solvent models verify airtime_loans
    """
    registry, policies = ModelRegistry(home()), PolicyRegistry(home())
    _require_known(product, registry)
    rows, refused = [], []
    for kind, version, found in _verified(product, registry, policies):
        if isinstance(found, SolventError):
            refused.append(found)
        told = found if isinstance(found, str) else f"refused: {found.field} {found.message}"
        rows.append((kind, str(version), told))
    show_table(f"Versions of {product}", ("", "version", "sha256, or why it is refused"), rows)
    if refused:
        raise BundleError(
            f"{len(refused)} of {len(rows)} versions would be refused", hint=refused[0].hint,
            field=product,
        )  # fmt: skip


@models.command()
@told
def key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the public key.")],
) -> None:
    """Write the public half of the key this machine signs with; the key is made at first use.

    It is no secret, but whoever is given another one in its place trusts somebody else: carry it
    by a way you trust, and compare the id printed here with that of `solvent models trust`.

    Example: solvent models key training.pem
    """
    pem = Keyring(home()).public_pem()
    (name,) = public_keys(pem, str(file))
    try:
        with whole_file(file, permissions=0o644) as kept:
            kept.write(pem)
    except OSError as error:
        raise WriteError(
            f"{file} cannot be written: {error.strerror}",
            hint="name a file in a folder that is there and that you may write in", field="FILE",
        ) from error  # fmt: skip
    out.print(f"key      {name} is in {file}", markup=False)


@models.command()
@told
def trust(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="A public key as `solvent models key` prints it."),
    ],
) -> None:
    """Believe what another machine signed from now on, by its public key.

    It is kept as SOLVENT_HOME/trusted/ID.pem; remove that file to trust it no more. An API that
    runs looks again by itself.

    Example: solvent models trust training.pem
    """
    for name in Keyring(home()).trust(file):
        out.print(f"trusted  {name}: what it signed is loaded from {home()}", markup=False)


def _verified(
    product: str, registry: ModelRegistry, policies: PolicyRegistry
) -> Iterator[tuple[str, int, str | SolventError]]:
    """Yield every version with its digest, or with why it is refused."""
    for version in registry.versions(product):
        try:
            yield "model", version, registry.check(product, version)
        except SolventError as error:
            yield "model", version, error
    for version in policies.versions(product):
        try:
            yield "policy", version, policies.load(product, version).digest
        except SolventError as error:
            yield "policy", version, error


def _require_known(product: str, registry: ModelRegistry) -> None:
    if product not in registry.products():
        raise NotServedError(
            f"no model of {product} is registered in {home()}",
            hint=f"registered: {', '.join(registry.products()) or 'none'}; {HOME_VARIABLE} names "
            "another folder", field="PRODUCT",
        )  # fmt: skip


def _rows(registry: ModelRegistry, product: str, version: int) -> list[tuple[str, ...]]:
    """Return a version's line and one for each link of its chain; of a damaged one, what is wrong.

    The line of a link tells what it learnt from, and its figures on the applications it scores.
    """
    try:
        about = registry.load(product, version).about
        links = about.get("links", [])
        return [_sound(str(version), about), *(_link(one) for one in links)]
    except BundleError as error:
        damage = f"damaged: {error.field + ' ' if error.field else ''}{error.message}"
    except (KeyError, TypeError, ValueError) as error:
        damage = f"damaged: {error} is missing or wrong"
    return [(str(version), damage, *[""] * (len(HEADINGS) - 2))]


def _link(told: Mapping[str, Any]) -> tuple[str, ...]:
    test = told["test"]
    figures = ("-", "-", "-")
    if test is not None:
        auc, gini = test["auc"]["auc"], test["gini"]["gini"]
        figures = (f"{auc:.4f}", f"{gini:.4f}", _slope(test["calibration_slope"]))
    head = ("", f"  {told['words']}", told["technique"])
    return (*head, f"{told['learnt']:,}", f"{told['tested']:,}", *figures, "")


def _sound(version: str, about: Mapping[str, Any]) -> tuple[str, ...]:
    test, split = about["metrics"]["test"], about["split"]
    digest = ", ".join(sorted({entry["sha256"][:8] for entry in about["data"]})[:3])
    return (
        version, about["created_at"], about["technique"], f"{split['train']:,}",
        f"{split['test']:,}", f"{test['auc']['auc']:.4f}", f"{test['gini']['gini']:.4f}",
        _slope(test["calibration_slope"]), digest,
    )  # fmt: skip


def _slope(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
