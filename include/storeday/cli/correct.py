"""The commands `storeday rollback` and `storeday restage`: corrections of what is in Sage already."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from storeday.cli.options import HELD, By, Day, Stores, Why, open_workplace, read_day, say


def rollback_command(
    store: Annotated[str, typer.Option(help="The store's code.")],
    day: Day,
    why: Why,
    by: By,
) -> None:
    """Stage the reversal of all that was delivered of a store-day, and nothing else of it until it is released."""
    from storeday.stages.corrections import rollback

    with open_workplace() as work:
        rollback(work, store, day, why=why, by=by, say=say)
    say(f"Release it once its files are right: storeday hold release {store} {day.isoformat()} --why ... --by ...")


def restage_command(
    first: Annotated[date, typer.Option("--from", parser=read_day, metavar="YYYY-MM-DD")],
    last: Annotated[date, typer.Option("--to", parser=read_day, metavar="YYYY-MM-DD")],
    store: Stores = None,
    apply: Annotated[bool, typer.Option("--apply", help="Stage it; without this nothing is written.")] = False,
) -> None:
    """Show what the mapping in force now would move on delivered days, account to account; stage it on --apply.

    Exit code 3 where a day can't be moved.
    """
    from storeday.stages.corrections import apply_restage, plan_restage
    from storeday.stages.table import moves_table

    with open_workplace() as work:
        planned = plan_restage(work, first, last, store)
        print(moves_table(planned), end="", flush=True)
        if apply:
            apply_restage(work, planned, say)
    if not apply and any(one.moves for one in planned):
        say("Nothing was staged. Stage it with --apply.")
    if not all(one.can_be_staged for one in planned):
        raise typer.Exit(HELD)
