"""The command `storeday stock`: what was sold, returned and counted, as a file for Sage's stock."""

from __future__ import annotations

from typing import Annotated

import typer

from storeday.cli.options import HELD, Day, open_workplace, say


def stock_command(
    day: Day,
    company: Annotated[str | None, typer.Option(help="Only this company; without it all that keep stock.")] = None,
    deliver: Annotated[
        bool, typer.Option("--deliver", help="Hand the drafts over too, where the company delivers by hand.")
    ] = False,
) -> None:
    """Stage what stock moved on a trading day, and counts against the book. Exit code 3 where a store-day waits."""
    from storeday.stages.stock import deliver_stock, stock_companies, sync_stock

    is_waiting = False
    with open_workplace() as work:
        for found in [work.settings.company(company)] if company else stock_companies(work, day):
            code = found.company.code
            staged = sync_stock(work, code, day)
            say(str(staged))
            is_waiting = is_waiting or bool(staged.waiting)
            if deliver or found.company.delivery == "automatic":
                say(str(deliver_stock(work, code)))
    if is_waiting:
        raise typer.Exit(HELD)
