"""The command `storeday parallel`: what was keyed by hand until the cutover, beside what would have been posted."""

from __future__ import annotations

from typing import Annotated

import typer

from storeday.cli.options import HELD, First, Last, hold_to_order, open_workplace, say, say_verdict


def parallel_command(
    store: Annotated[str, typer.Option(help="The store's code.")],
    first: First,
    last: Last,
) -> None:
    """Hold a store's days to the figures keyed by hand, by nominal and tax code. Exit code 3: something differs."""
    from storeday.stages.parallel import run_parallel

    hold_to_order(first, last)
    with open_workplace() as work:
        made = run_parallel(work, store, first, last)
    say_verdict(made.report.good, made.report.bad)
    say(made.page)
    if made.report.bad:
        raise typer.Exit(HELD)
