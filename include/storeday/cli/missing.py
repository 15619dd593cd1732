"""The command `storeday missing`: the store-days that are expected and not whole."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from storeday.cli.options import HELD, From, Stores, To, open_workplace, say


def missing_command(
    first: From = None,
    last: To = None,
    store: Stores = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Store-days that nothing came for, or that wait, and until when their files can be had. Exit code 3 if any.

    Without --from and --to: from the first to the newest trading day that any store sent.
    """
    from storeday.stages.missing import missing

    with open_workplace() as work:
        sent = [fact.trading_day for fact in work.ledger.store_days()]
        if not sent and not (first and last):
            raise typer.BadParameter("nothing came yet: say which days, --from and --to")
        until = last or max(sent)
        found = missing(work, first or min(sent), until, store)
    if as_json:
        print(json.dumps([each.facts() for each in found], indent=2))
    else:
        for each in found:
            say(each.words(until))
        say(f"{len(found):,} store-days missing or waiting")
    if found:
        raise typer.Exit(HELD)
