"""The command `storeday bank`: what stores took against what the bank or card acquirer paid in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from storeday.cli.options import HELD, From, To, open_workplace


def bank_command(
    company: Annotated[str, typer.Option(help="The company's code.")],
    file: Annotated[
        list[Path],
        typer.Option(
            exists=True, dir_okay=False, help="A CSV of the bank or acquirer; may be given again, for its parts."
        ),
    ],
    statement: Annotated[
        str | None, typer.Option(help="Which statement of bank.yaml it is, where its columns don't say.")
    ] = None,
    first: From = None,
    last: To = None,
) -> None:
    """Hold a statement to the deposits that the stores' takings make it expect. Exit code 3 where anything is off.

    --from and --to are trading days: only their deposits are looked for.
    """
    from storeday.stages.bank import hold_to_bank
    from storeday.stages.bank_table import bank_text

    names = [path.name for path in file]
    if len(set(names)) < len(names):
        raise typer.BadParameter("two files of one name: give each part a name of its own")
    files = {path.name: path.read_bytes() for path in file}
    with open_workplace() as work:
        report = hold_to_bank(work, company, files, statement, first, last)
    print(bank_text(report), end="")
    if report.settled.findings:
        raise typer.Exit(HELD)
