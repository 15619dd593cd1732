"""storeday hold: what holds store-days, and what a person decides about it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from storeday.cli.options import By, From, Stores, To, Why, open_workplace, read_day, say

app = typer.Typer(no_args_is_help=True, help="See what holds store-days, and decide about it.")

Store = Annotated[str, typer.Argument(help="The store's code.")]
TradingDay = Annotated[date, typer.Argument(parser=read_day, metavar="YYYY-MM-DD")]


@app.command("list")
def list_command(first: From = None, last: To = None, store: Stores = None) -> None:
    """Every store-day that waits for a person, and what may be decided."""
    from storeday.stages.overview import waiting_days
    from storeday.stages.table import held_table

    with open_workplace() as work:
        held = waiting_days(work, first, last, store)
    print(held_table(held), end="")


@app.command("show")
def show_command(store: Store, day: TradingDay) -> None:
    """One store-day: all that holds it, both sides of a conflict, and what was decided so far."""
    from storeday.stages.decisions import HeldDay
    from storeday.stages.table import held_day_text

    with open_workplace() as work:
        say(held_day_text(HeldDay.of(work, store, day)))


@app.command("release")
def release_command(
    store: Store,
    day: TradingDay,
    why: Why,
    by: By,
    check: Annotated[str, typer.Option(help="Only this check: its name, or a part of it.")] = "",
    accept: Annotated[
        str, typer.Option(metavar="FILE", help="Where files contradict each other, the one that counts.")
    ] = "",
) -> None:
    """Accept a gap, accept one side of a conflict, release what a check found, or end a rollback."""
    from storeday.stages.decisions import release

    with open_workplace() as work:
        for made in release(work, store, day, why=why, by=by, check=check, accept=accept):
            say(f"{store} {day.isoformat()}: {made.words}")
    say(f"Run the day again: storeday run --day {day.isoformat()} --store {store}")


@app.command("withdraw")
def withdraw_command(
    store: Store,
    day: TradingDay,
    why: Why,
    by: By,
    number: Annotated[int, typer.Option(help="The decision's number, as hold show says.")],
) -> None:
    """Let a decision count no longer."""
    from storeday.stages.decisions import withdraw

    with open_workplace() as work:
        made = withdraw(work, store, day, number, why=why, by=by)
    say(f"{store} {day.isoformat()}: {made.words} counts no longer")
    say(f"Run the day again: storeday run --day {day.isoformat()} --store {store}")
