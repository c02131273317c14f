"""`solvent keys`."""

from __future__ import annotations

from typing import Annotated

import typer

from solvent.app.answers import instant_json
from solvent.app.bootstrap import clock, open_service
from solvent.app.settings import read_settings
from solvent.cli.terminal import out, show_table, told
from solvent.errors import NotServedError
from solvent.store import Role

keys = typer.Typer(help="Make, list and revoke API keys.", no_args_is_help=True)


@keys.command()
@told
def create(
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Whom or what it is for: a team, a system.")
    ] = "",
) -> None:
    """Make a key and print it once; only a digest of it is kept.

    Example: solvent keys create --role relationship_manager --name branch-12
    """
    settings = read_settings()
    service = open_service(settings)
    try:
        record, plain = service.keys.create(role, name=name or role.value, created_at=clock())
    finally:
        service.close()
    out.print(f"key      {plain}", markup=False)
    out.print(f"role     {record.role.value}, id {record.id}")
    out.print(f"opens    what is served from {settings.home} (SOLVENT_HOME)", markup=False)
    out.print("It is shown this once. Sign in with it, or send Authorization: Bearer KEY.")


@keys.command("list")
@told
def list_keys() -> None:
    """List keys by id: role, name, since when, until when; never the key itself.

    Example: solvent keys list
    """
    service = open_service(read_settings())
    try:
        found = service.keys.all()
    finally:
        service.close()
    if not found:
        out.print("no key has been made yet: solvent keys create --role admin", markup=False)
        return
    rows = [
        (
            one.id, one.role.value, one.name, instant_json(one.created_at)[:16],
            "" if one.revoked_at is None else instant_json(one.revoked_at)[:16],
        )
        for one in found
    ]  # fmt: skip
    show_table("API keys", ("id", "role", "name", "made", "revoked"), rows)


@keys.command()
@told
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` tells.")]) -> None:
    """Revoke a key: it opens nothing from now on.

    Example: solvent keys revoke 3fa1c2d4
    """
    service = open_service(read_settings())
    try:
        done = service.keys.revoke(key_id, clock())
    finally:
        service.close()
    if not done:
        raise NotServedError("there is no such key in use", hint="solvent keys list", field="ID")
    out.print(f"revoked  {key_id}")
