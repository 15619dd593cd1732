"""The command line: the same stages without Airflow.

Exit codes: 0 all staged, 3 something held or missing, 2 wrong use or settings, 1 a fault.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storeday.cli import feed, hold, mapping, reconcile, sandbox, uat
from storeday.cli.approve import approve_command, reject_command
from storeday.cli.audit import audit_command
from storeday.cli.bank import bank_command
from storeday.cli.correct import restage_command, rollback_command
from storeday.cli.missing import missing_command
from storeday.cli.options import FAULT, HELD, WRONG_USE, Day, From, Stores, To, open_workplace, read_day, say
from storeday.cli.parallel import parallel_command
from storeday.cli.rebuild import rebuild_command
from storeday.cli.stock import stock_command
from storeday.cli.trace import trace_command
from storeday.config.environment import keep_airflow_quiet
from storeday.model.errors import SettingsError, StoredayError

if TYPE_CHECKING:
    from storeday.stages import StoreDayLine

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
app.add_typer(feed.app, name="feed")
app.add_typer(hold.app, name="hold")
app.add_typer(mapping.app, name="mapping")
app.add_typer(reconcile.app, name="reconcile")
app.add_typer(sandbox.app, name="sandbox")
app.add_typer(uat.app, name="uat")
app.command("stock")(stock_command)
app.command("bank")(bank_command)
app.command("audit")(audit_command)
app.command("approve")(approve_command)
app.command("reject")(reject_command)
app.command("missing")(missing_command)
app.command("parallel")(parallel_command)
app.command("trace")(trace_command)
app.command("rollback")(rollback_command)
app.command("restage")(restage_command)
app.command("rebuild")(rebuild_command)


@app.command("run")
def run_command(
    day: Day,
    store: Stores = None,
    to: Annotated[
        date | None,
        typer.Option(parser=read_day, metavar="YYYY-MM-DD", help="Last day of a range; without it one day."),
    ] = None,
) -> None:
    """Collect, check, post, stage and deliver a trading day in this process."""
    from storeday.stages.run import run_days

    with open_workplace() as work:
        codes = store or [found.code for found in work.settings.stores()]
        for code in codes:
            work.settings.store(code)
        ran = run_days(work, [day + timedelta(days=n) for n in range(((to or day) - day).days + 1)], codes, say=say)
    if ran.faults:
        raise typer.Exit(FAULT)
    if ran.not_staged:
        raise typer.Exit(HELD)


@app.command("deliver")
def deliver_command(
    company: Annotated[str, typer.Option(help="The company's code.")],
    day: Day,
) -> None:
    """Hand a company's draft over to the outbox, where it delivers by hand (delivery: manual)."""
    from storeday.stages import deliver

    with open_workplace() as work:
        say(str(deliver(work, company, day)))


@app.command("status")
def status_command(
    first: From = None,
    last: To = None,
    store: Stores = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Every store-day's state, receipts, takings and, where it is held, the reason."""
    from storeday.stages.overview import overview
    from storeday.stages.table import to_paste

    with open_workplace() as work:
        known = [fact.trading_day for fact in work.ledger.store_days()]
        lines = overview(work, first or min(known), last or max(known), store) if known or (first and last) else []
        dayless = work.ledger.rejections_without_day()
    if as_json:
        print(json.dumps([_plain(line) for line in lines], indent=2))
    else:
        _print_table(lines)
        for file in dayless:
            say(f"{file.store}: rejected, of no day that can be told: {file.why}")
        for text in to_paste(lines):
            say(text)
    if any(not line.state.is_staged for line in lines):
        raise typer.Exit(HELD)


@app.command("check-config")
def check_config_command() -> None:
    """Read all settings and say everything that is wrong with them at once."""
    from storeday.config.environment import Environment, config_folder, expectations_folder
    from storeday.stages.overview import check_config

    folder = config_folder()
    settings = check_config(Environment(folder, "", "", expectations_folder()))
    for company in settings.companies:
        newest = max(block.valid_from for block in company.mappings)
        say(
            f"{company.company.code}: {company.company.name}, {len(company.stores)} stores, "
            f"{len(company.mappings)} mapping blocks, the newest from {newest.isoformat()}"
        )
    say(f"{folder}: nothing wrong")


@app.command("sample")
def sample_command(
    out: Annotated[Path, typer.Option(help="Folder to write to; one folder a store below it, and truth.json.")],
    start: Day,
    stores: int = 5,
    days: int = 7,
    receipts: Annotated[int, typer.Option(help="Mean a store-day.")] = 200,
    seed: int = 50,
    broken: Annotated[
        list[str] | None, typer.Option(help="STORE:YYYY-MM-DD of a store-day to break on purpose.")
    ] = None,
    statements: Annotated[
        bool, typer.Option("--statements", help="Statements of an acquirer and a bank too, with faults that are known.")
    ] = False,
) -> None:
    """Write sample stores' files, with the totals that are known to be right beside them."""
    from storeday.sample import SampleOrder, write_sample
    from storeday.sample.statements import write_statements

    on_purpose = []
    for text in broken or []:
        store, _, day = text.partition(":")
        on_purpose.append((store, read_day(day)))
    try:
        order = SampleOrder(
            out=out, start=start, receipts=receipts, stores=stores, days=days, seed=seed, broken=tuple(on_purpose)
        )
        truth = write_sample(order, progress=say)
        say(f"wrote {truth}")
        if statements:
            say(f"wrote {write_statements(truth)}")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def main() -> None:
    """The console script: faults in one plain line, exit codes as the module says."""
    keep_airflow_quiet()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    try:
        app()
    except SettingsError as error:
        _complain(*error.problems)
        sys.exit(WRONG_USE)
    except LookupError as error:
        _complain(str(error.args[0] if error.args else error))
        sys.exit(WRONG_USE)
    except StoredayError as error:
        _complain(str(error))
        sys.exit(FAULT)
    except Exception as error:
        import click

        if isinstance(error, click.ClickException):
            error.show()
            sys.exit(WRONG_USE)
        if isinstance(error, click.exceptions.Abort):
            sys.exit(FAULT)
        logging.getLogger(__name__).exception("a fault of storeday's own")
        sys.exit(FAULT)


def _plain(line: StoreDayLine) -> dict[str, object]:
    from storeday.model.money import plain

    said = asdict(line)
    return {**said, "trading_day": said["trading_day"].isoformat(), "gross": plain(said.pop("gross_minor"))}


def _print_table(lines: list[StoreDayLine]) -> None:
    from storeday.stages.table import store_day_table

    print(store_day_table(lines), end="")


def _complain(*problems: str) -> None:
    for problem in problems:
        print(f"storeday: {problem}", file=sys.stderr)
