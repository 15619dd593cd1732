"""The command `storeday parallel`: what was keyed by hand until the cutover, beside what would have been posted."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from storeday.cli.options import HELD, open_workplace, read_day, say


def parallel_command(
    store: Annotated[str, typer.Option(help="The store's code.")],
    first: Annotated[date, typer.Option("--from", parser=read_day, metavar="YYYY-MM-DD")],
    last: Annotated[date, typer.Option("--to", parser=read_day, metavar="YYYY-MM-DD")],
) -> None:
    """Hold a store's days to the figures keyed by hand, by nominal and tax code. Exit code 3: something differs."""
    from storeday.stages.parallel import run_parallel

    if last < first:
        raise typer.BadParameter("--to is before --from")
    with open_workplace() as work:
        made = run_parallel(work, store, first, last)
    for sentence in made.report.good:
        say(f"✓ {sentence}")
    for sentence in made.report.bad:
        say(f"✗ {sentence}")
    say(made.page)
    if made.report.bad:
        raise typer.Exit(HELD)
