"""The command `storeday rebuild`: a lost ledger made again, beside whatever is left of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from storeday.cli.options import FAULT, HELD, say

Export = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="Sage's report Transaction CSV (Extended), to hold against."),
]


def rebuild_command(
    into: Annotated[
        str, typer.Option(metavar="URL", help="Where the new ledger goes; without it beside the lost SQLite file.")
    ] = "",
    sage_export: Export = None,
) -> None:
    """Make a lost ledger again from landing, journal and outbox, beside it, and prove it equal.

    Exit code 3 where something is to be looked at, 1 where Sage has a batch that the new ledger does not know.
    """
    from storeday.config.environment import environment
    from storeday.stages.rebuild.run import place_beside, rebuild
    from storeday.stages.rebuild.told import rebuilt_text

    where = environment()
    export = sage_export.read_bytes() if sage_export else None
    rebuilt = rebuild(where, into or place_beside(where), export, say)
    print(rebuilt_text(rebuilt), end="")
    if rebuilt.is_unsafe:
        raise typer.Exit(FAULT)
    if not rebuilt.is_proven:
        raise typer.Exit(HELD)
