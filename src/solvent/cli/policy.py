"""`solvent policy`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from solvent.app.bootstrap import versioned_policy
from solvent.app.live_product import go_live
from solvent.app.policy_file import read_policy
from solvent.app.reason_checks import reason_lines
from solvent.app.settings import read_settings
from solvent.cli.places import ProductFolder
from solvent.cli.reasons import show_reasons
from solvent.cli.terminal import out, show_table, show_warning, told
from solvent.errors import DeclarationError
from solvent.policy import Band, Policy
from solvent.product import FILE, load_product
from solvent.report import ReasonLine, economics_words
from solvent.report.figures import money, percent
from solvent.store import ModelRegistry, PolicyRegistry


@told
def policy(folder: ProductFolder) -> None:
    """Check policy.yaml, say in words how it decides, and register it where it is new.

    The registered policy is what the API decides with: `solvent up` and `solvent serve` take the
    newest. The model must be trained first; every feature the policy names must be one it computes.

    Example: solvent policy examples/airtime_loans
    """
    document, declared = read_policy(folder)
    _require_own(folder, declared)
    settings = read_settings()
    models = ModelRegistry(settings.home)
    titles: Mapping[str, str] = {}
    reasons: tuple[ReasonLine, ...] = ()
    if models.versions(declared.product):
        registered = models.load(declared.product)
        population = models.population(declared.product, registered.version, "test")
        live = go_live(registered, versioned_policy(folder), population)
        titles, reasons = live.titles, reason_lines(live)
    else:
        show_warning(f"no model of {declared.product} is trained yet: its features are not checked")
    _show(declared, titles)
    show_reasons(reasons)
    kept = PolicyRegistry(settings.home).add(declared.product, document)
    out.print(f"policy   {kept.product} version {kept.version}, sha256 {kept.digest[:12]}")


def _require_own(folder: Path, declared: Policy) -> None:
    """Refuse a policy that lies beside another product than it decides for."""
    if not (folder / FILE).is_file():
        return
    name = load_product(folder).product.name
    if name != declared.product:
        raise DeclarationError(
            f"the policy decides for {declared.product!r}, and {FILE} beside it declares {name!r}",
            hint=f"write product: {name}", field="product",
        )  # fmt: skip


def _show(declared: Policy, titles: Mapping[str, str]) -> None:
    cutoffs = declared.cutoffs
    lines = [("approve", f"a PD below {percent(cutoffs.approve_below)}")]
    if cutoffs.refer_below > cutoffs.approve_below:
        lines.append(("refer", f"a PD from there to below {percent(cutoffs.refer_below)}"))
    lines.append(("decline", f"a PD of {percent(cutoffs.refer_below)} or more"))
    lines += [(rule.verdict.value, f"{rule.reason} ({rule.code})") for rule in declared.knock_outs]
    lines += [
        ("instead", f"{one.title}, for a PD below {percent(one.approve_below)}")
        for one in declared.alternatives
    ]
    lines.append(("offer", _offer(declared)))
    lines += [
        (f"band {band.name}", f"a score from {band.score_from}{_terms(declared, band)}")
        for band in declared.bands
    ]
    show_table(f"Policy {declared.name} of {declared.product}", ("", ""), lines)
    show_table("Money", ("", ""), list(economics_words(declared.economics, titles)))


def _offer(declared: Policy) -> str:
    """Return what an approved applicant is offered, in words."""
    offer = declared.offer
    shapes = " or ".join(one.title for one in offer.variants)
    if not offer.amounts:
        return f"{shapes}, the amount asked for"
    amounts = ", ".join(money(amount) for amount in sorted(offer.amounts))
    return f"{shapes}, the largest of {amounts} {offer.currency} whose own PD is approved"


def _terms(declared: Policy, band: Band) -> str:
    """Return what a band may be lent, and at what price."""
    most = "" if band.amount is None else f", at most {money(band.amount, declared.offer.currency)}"
    return most if band.price is None else f"{most}, fee {percent(band.price)}"
