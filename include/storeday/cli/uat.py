"""storeday uat: take a period through the stand-in Sage, see what is open, and sign it off for production."""

from __future__ import annotations

from typing import Annotated

import typer

from storeday.cli.options import HELD, By, First, Last, Why, hold_to_order, open_workplace, say, say_verdict

app = typer.Typer(no_args_is_help=True, help="Accept a period in the sandbox, before a company goes into production.")

Company = Annotated[str, typer.Option(help="The company's code.")]
Report = Annotated[
    str, typer.Option("--report", help="The report's digest, or its first digits; without it the newest.")
]


@app.command("run")
def run_command(company: Company, first: First, last: Last) -> None:
    """Import a period's batches into a fresh stand-in Sage and write the report. Exit code 3: it can't be signed."""
    from storeday.stages.uat import run_uat

    hold_to_order(first, last)
    with open_workplace() as work:
        made = run_uat(work, company, first, last)
    say_verdict(made.report.good, made.report.bad)
    say(f"report {made.fact.digest[:12]}: {made.page}")
    say(made.fact.words)
    if made.fact.open:
        raise typer.Exit(HELD)
    if not made.fact.is_signed:
        say(f"Read it, then: storeday uat sign --company {company} --by NAME --why REASON")


@app.command("list")
def list_command(company: Company) -> None:
    """The reports of a company, the newest first, and whether what is signed holds for the settings of now."""
    from storeday.stages.uat import standing

    with open_workplace() as work:
        known, holds = standing(work, company)
    for made in known:
        say(made.words)
    say(holds)


@app.command("questions")
def questions_command(company: Company) -> None:
    """What is to be tried in the real Sage, and what was found. Exit code 3: one that matters is open."""
    from storeday.stages.uat import questions_of

    with open_workplace() as work:
        asked = questions_of(work, company)
    for each in asked:
        if each.matters or each.answer:
            say(f"{'✗' if each.trouble else '✓'} {each.id}: {each.trouble or each.answer}")
    if any(each.trouble for each in asked):
        say("Write each answer into uat-answers.yaml beside company.yaml; docs/uat-checklist.md shows how")
        raise typer.Exit(HELD)


@app.command("sign")
def sign_command(company: Company, why: Why, by: By, report: Report = "") -> None:
    """Sign a report off: with it the company's batches may be delivered in production."""
    from storeday.stages.uat import sign

    with open_workplace() as work:
        made = sign(work, company, why=why, by=by, digest=report)
    say(made.words)
