"""storeday reconcile: hold Sage to what was handed over, and have the reversal of a second import staged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from storeday.cli.options import HELD, By, From, To, Why, open_workplace, say

if TYPE_CHECKING:
    from datetime import date

    from storeday.sage50.readback.trail import Trail
    from storeday.stages import Workplace

app = typer.Typer(help="Hold Sage to what was handed over.")


@app.callback(invoke_without_command=True)
def reconcile_command(
    context: typer.Context,
    company: Annotated[str, typer.Option(help="The company's code.")] = "",
    first: From = None,
    last: To = None,
    file: Annotated[
        Path | None, typer.Option(help="An export from Sage; without it Sage is read as the settings say.")
    ] = None,
    export: Annotated[
        Literal["import_layout", "audit_trail"], typer.Option(help="What kind of export the file is.")
    ] = "import_layout",
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Read the company's sandbox instead of Sage.")] = False,
) -> None:
    """Read Sage back, confirm the store-days that agree, and list what differs. Exit code 3: something does."""
    if context.invoked_subcommand:
        return
    if not (company and first and last):
        raise typer.BadParameter("say --company, --from and --to")
    from storeday.stages.difference_table import difference_table
    from storeday.stages.reconcile import reconcile

    with open_workplace() as work:
        trail = _trail(work, company, first, file, export, sandbox=sandbox)
        found = reconcile(work, company, first, last, trail)
        print(difference_table(found), end="")
        say(str(found))
    if found.open:
        raise typer.Exit(HELD)


@app.command("fix")
def fix_command(
    batch: Annotated[str, typer.Option(help="The batch that was imported twice, as the list names it.")],
    why: Why,
    by: By,
) -> None:
    """Stage the reversal of every import of a batch beyond the first."""
    from storeday.stages.reconcile import fix_second_import

    with open_workplace() as work:
        fix_second_import(work, batch, why=why, by=by, say=say)


def _trail(
    work: Workplace,
    company: str,
    first: date,
    file: Path | None,
    export: Literal["import_layout", "audit_trail"],
    *,
    sandbox: bool,
) -> Trail | None:
    """What is to be read; None where the settings say it."""
    from storeday.stages.readback import read_file, read_sandbox

    settings = work.settings.company(company).company
    if sandbox:
        return read_sandbox(work, settings, first)
    return read_file(settings, file, export) if file else None
