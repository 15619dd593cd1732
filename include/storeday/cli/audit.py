"""The command `storeday audit`: a month's proof as a page, a PDF and figures."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from storeday.cli.options import HELD, open_workplace, say
from storeday.model.days import month_of


def read_month(text: str) -> date:
    """The first day of a month of the command line. Raises: typer.BadParameter with what was read."""
    try:
        return month_of(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def audit_command(
    month: Annotated[date, typer.Option(parser=read_month, metavar="YYYY-MM")],
    company: Annotated[str | None, typer.Option(help="Only this company; without it all.")] = None,
) -> None:
    """Write a month's audit. Exit code 3 where a store-day of it is open or an amount is unexplained."""
    from storeday.stages.audit import audit_month, audited_companies

    needs_a_look = False
    with open_workplace() as work:
        for code in [company] if company else audited_companies(work, month):
            audited = audit_month(work, code, month)
            say(str(audited))
            needs_a_look = needs_a_look or audited.needs_a_look
    if needs_a_look:
        raise typer.Exit(HELD)
