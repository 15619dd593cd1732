"""What the commands share: how options are read, the installation is opened, and a line is said."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from storeday.model.days import day_of

if TYPE_CHECKING:
    from storeday.stages import Workplace

FAULT, WRONG_USE, HELD = 1, 2, 3
"""Exit codes beside 0."""


def read_day(text: str) -> date:
    """A trading day of the command line. Raises: typer.BadParameter with what was read."""
    try:
        return day_of(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Day = Annotated[date, typer.Option(parser=read_day, metavar="YYYY-MM-DD")]
From = Annotated[date | None, typer.Option("--from", parser=read_day, metavar="YYYY-MM-DD")]
To = Annotated[date | None, typer.Option("--to", parser=read_day, metavar="YYYY-MM-DD")]
First = Annotated[date, typer.Option("--from", parser=read_day, metavar="YYYY-MM-DD")]
Last = Annotated[date, typer.Option("--to", parser=read_day, metavar="YYYY-MM-DD")]
Stores = Annotated[list[str] | None, typer.Option("--store", help="Only this store; may be given again.")]
Why = Annotated[str, typer.Option(help="The reason, for whoever reads the sheet.")]
By = Annotated[str, typer.Option(help="The name of who decides.")]
DayOrNone = Annotated[date | None, typer.Option(parser=read_day, metavar="YYYY-MM-DD")]


@contextmanager
def open_workplace() -> Iterator[Workplace]:
    """The installation, under the name of who types."""
    from storeday.stages.workplace import Workplace

    with Workplace.open(by=f"{os.environ.get('USER', 'somebody')} (command line)") as work:
        yield work


def say(text: str) -> None:
    """One line, seen at once."""
    print(text, flush=True)


def hold_to_order(first: date, last: date) -> None:
    """Raises: typer.BadParameter where a period ends before it begins."""
    if last < first:
        raise typer.BadParameter("--to is before --from")


def say_verdict(good: Iterable[str], bad: Iterable[str]) -> None:
    """What a report found right, then what it found wrong, a sentence a line."""
    for sentence in good:
        say(f"✓ {sentence}")
    for sentence in bad:
        say(f"✗ {sentence}")
