"""`solvent check`."""

from __future__ import annotations

import time

import typer

from solvent.app.check import check as check_product
from solvent.cli.places import DataFolder, ProductFolder, data_folder
from solvent.cli.terminal import TerminalProgress, out, show_table, show_warning, told
from solvent.dataset import Check
from solvent.dataset.matching import SAME_KEYS, share_words
from solvent.product import load_product


@told
def check(folder: ProductFolder, data: DataFolder = None) -> None:
    """Check a product against its data without training: schema, funnel, maturity, leaks.

    Exits with 1 where training would refuse, saying why.

    Example: solvent check examples/airtime_loans --data demo/data
    """
    loaded = load_product(folder)
    now = time.time_ns() // 1_000
    found = check_product(loaded, data_folder(loaded, data), now=now, progress=TerminalProgress())
    show_table(
        "Tables", ("table", "rows read", "accepted", "refused"),
        [(t.name, f"{t.read:,}", f"{t.accepted:,}", f"{t.refused:,}") if t.present
         else (t.name, "-", "-", "absent (optional)") for t in found.tables],
    )  # fmt: skip
    for table in found.tables:
        if table.warning:
            show_warning(table.warning)
    if found.matches:
        rows = [
            (m.source, f"{m.matched:,} of {m.applications:,}", share_words(m.share))
            for m in found.matches
        ]
        show_table("Applications with a row in a source", ("source", "applications", "share"), rows)
    for match in found.matches:
        if not match.matched:
            show_warning(f"{match.words}: {SAME_KEYS}")
    if found.refusals:
        rows = [(r.table, r.reason, f"{r.rows:,}") for r in found.refusals]
        show_table("Refused rows", ("table", "reason", "rows"), rows)
    stages = [(stage.label, f"{stage.rows:,}", stage.note) for stage in found.funnel]
    show_table("From rows read to rows used", ("", "rows", ""), stages)
    show_table(
        "Leakage gate", ("", "check", "found"),
        [(_verdict(one), one.name, one.words) for one in found.checks],
    )  # fmt: skip
    out.print(f"{found.features:,} features, bad rate {found.bad_rate:.4f}")
    blocking = [check for check in found.checks if check.blocks]
    for leak in blocking:
        out.print(f"[red]leak[/] {leak.name}\n  hint: {leak.hint}")
    if blocking:
        raise typer.Exit(1)
    out.print("[green]nothing stands in the way of training[/]")


def _verdict(check: Check) -> str:
    if check.passed:
        return "ok"
    return "waived" if check.waived else "LEAK"
