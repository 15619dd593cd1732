"""The command `storeday trace`: where a figure in Sage comes from, and where a receipt went."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from storeday.cli.options import DayOrNone, open_workplace

if TYPE_CHECKING:
    from rich.tree import Tree

    from storeday.stages.trace import Found


def trace_command(
    what: Annotated[
        str, typer.Argument(help="A Sage reference, a batch, a receipt (till/number), or a file's name or SHA-256.")
    ],
    store: Annotated[str | None, typer.Option(help="Only this store.")] = None,
    day: DayOrNone = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """From a Sage reference, batch, receipt or file to all the others, down to file and line."""
    from storeday.stages.trace import trace

    with open_workplace() as work:
        found = trace(work, what, store, day)
    if as_json:
        print(json.dumps([each.as_json() for each in found], indent=2))
        return
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=True)
    for each in found:
        console.print(_tree(each))


def _tree(found: Found, above: Tree | None = None) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    said = Text(found.words)
    branch = above.add(said) if above else Tree(said)
    for each in found.below:
        _tree(each, branch)
    return branch
