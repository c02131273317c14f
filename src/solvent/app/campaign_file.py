# ruff: noqa: S608 - every name comes quoted from `sources`
"""A campaign from the command line: a file of customers in, those eligible out."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from solvent.app._plans import require_sources, scoring_plan
from solvent.app._targets import Inputs, kept_files, require_apart, whole_file
from solvent.app.applicants import Applicants, unknown
from solvent.app.bootstrap import versioned_policy
from solvent.app.campaign import (
    Outlook,
    eligible,
    funnel,
    outlook,
    require_confidence,
    write_csv,
)
from solvent.app.customers import completed
from solvent.app.live_product import LiveProduct, go_live
from solvent.app.standing import Named, standing_of
from solvent.dataset import OpenData, Stage, open_data
from solvent.dataset.build import instant_text, keyed, latest_times, own_selection
from solvent.dataset.plan import parse_instant
from solvent.errors import DeclarationError
from solvent.features import DAY
from solvent.progress import Progress, Silent
from solvent.sources import Refusals, refusals
from solvent.sources.gathering import on_this_machine
from solvent.sources.staging import RAGGED
from solvent.store import ModelRegistry, Standing

ROWS_AT_ONCE = 50_000
LONG_AGO = 30 * DAY
"""Sources that end so long before customers are looked at are warned of, microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRequest:
    """What to look for.

    Args:
        product: Name of the product.
        folder: Folder of the product: its policy.
        customers: File of customers, here or in object storage.
        data: Folder of the sources.
        home: Folder of the registry.
        confidence: Least repayment probability, in (0, 1).
        as_of: ISO instant as of which customers are looked at, where the file has none; without a
            zone in that of the application table.
        out: Where the eligible go, as CSV.
    """

    product: str
    folder: Path
    customers: Path
    data: Path
    home: Path
    confidence: float
    as_of: str
    out: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """What was found.

    Args:
        version: Version of the model.
        policy: What the lender calls the policy.
        funnel: Who is left after each step, rows read first.
        outlook: What lending to the eligible can be expected to bring.
        warnings: What makes the result doubtful, a sentence each.
    """

    version: int
    policy: str
    funnel: tuple[Stage, ...]
    outlook: Outlook
    warnings: tuple[str, ...] = ()


def campaign_file(request: CampaignRequest, *, progress: Progress | None = None) -> CampaignResult:
    """Write the customers a policy approves and who repay with a confidence.

    Args:
        request: What to look for.
        progress: Told of every customer done.

    Raises:
        BundleError: No model is registered.
        DeclarationError: The policy is not sound.
        DataError: A table cannot be read.
        WriteError: The result cannot be written; nothing half-written is left.
    """
    require_confidence(request.confidence)
    progress = progress or Silent()
    registry = ModelRegistry(request.home)
    registered = registry.load(request.product)
    population = registry.population(request.product, registered.version, "test")
    live = go_live(registered, versioned_policy(request.folder), population, explained=False)
    inputs = Inputs(
        applications=request.customers, data=request.data,
        tables=[live.applications, *live.sources.values()],
        registry=request.home / "models", kept=kept_files(request.folder, request.home),
    )  # fmt: skip
    require_apart(request.out, inputs)
    as_of = _instant(request.as_of, live.applications.zone)
    with (
        on_this_machine(request.customers, progress, field="CUSTOMERS") as file,
        completed(file, live.applications, as_of) as customers,
    ):
        plan = scoring_plan(registered, customers.path, None, extras=True)
        with open_data(
            plan, request.data, outcomes=False, keep_order=True, progress=progress
        ) as data:
            without = require_sources(plan, data, registered.model)
            found = _with_ragged(refusals(data.applications), customers.ragged)
            standings = list(_standings(live, data, progress))
            doubts = tuple(_doubts(data, standings))
    chosen = eligible(standings, request.confidence)
    with whole_file(request.out) as draft:
        text = io.TextIOWrapper(draft, encoding="utf-8", newline="")
        write_csv(text, chosen)
        text.detach()
    why = "; ".join(f"{rows:,} {reason}" for reason, rows in found.reasons)
    first, *others = funnel(live.policy, standings, request.confidence)
    scored = replace(first, label="Customers scored", note=f"refused: {why}" if why else "")
    return CampaignResult(
        version=registered.version, policy=live.policy.name,
        funnel=(Stage(label="Rows read", rows=found.read), scored, *others),
        outlook=outlook(live.policy, chosen), warnings=(*without, *doubts),
    )  # fmt: skip


def _doubts(data: OpenData, standings: Sequence[Standing]) -> Iterator[str]:
    """Yield what makes windows that end now nearly empty: sources that end long before."""
    reached = max(latest_times(data).values(), default=0)
    looked = max((one.as_of for one in standings), default=0)
    if reached and looked - reached > LONG_AGO:
        yield (
            f"customers are looked at as of {instant_text(looked)[:10]}, but the newest row of the "
            f"sources is of {instant_text(reached)[:10]}: give --as-of"
        )


def _instant(text: str, zone: str | None) -> int:
    try:
        return parse_instant(text, zone)
    except DeclarationError as error:
        raise DeclarationError(
            "is no instant with a zone", hint='write "2024-12-31T00:00:00Z"', field="as-of"
        ) from error
    except OverflowError as error:
        raise DeclarationError(
            "lies outside the years 1 to 9999", hint='write "2024-12-31T00:00:00Z"', field="as-of"
        ) from error


def _with_ragged(found: Refusals, ragged: int) -> Refusals:
    """Add the records that were left out before the applications were read."""
    if not ragged:
        return found
    return Refusals(
        read=found.read + ragged, accepted=found.accepted,
        reasons=(*found.reasons, (RAGGED, ragged)),
    )  # fmt: skip


def _standings(live: LiveProduct, data: OpenData, progress: Progress) -> Iterator[Standing]:
    feed = data.feed()
    sql = f"SELECT {', '.join(own_selection(data))} FROM ({data.applications.sql})"
    with (
        progress.step("scoring customers", refusals(data.applications).accepted) as step,
        data.connection.cursor() as cursor,
    ):
        for batch in cursor.sql(sql).to_arrow_reader(ROWS_AT_ONCE):
            table = pa.Table.from_batches([batch])
            rows, found = feed.aggregates(keyed(data, table))
            applicants = Applicants(live, rows, found | unknown(live.program, found, len(rows)))
            keys = [str(key) for key in table["key"].to_pylist()]
            for place, key in enumerate(keys):
                who = Named(key=key, as_of=int(rows.as_of[place]))
                yield standing_of(live, applicants, place, who)
                step.advance()
