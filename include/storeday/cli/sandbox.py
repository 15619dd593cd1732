"""The command `storeday sandbox`: a stand-in Sage 50 company to import staged files into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from storeday.cli.options import open_workplace
from storeday.config.sage_facts import SageFacts

if TYPE_CHECKING:
    from storeday.config.settings import CompanySettings
    from storeday.sage50.sandbox.company import Imported, Sandbox

REFUSED = 3

app = typer.Typer(
    no_args_is_help=True,
    help=(
        "A stand-in Sage 50 UK company that imports staged files.\n\n"
        "It is a model built from documents. It was never tried against a real Sage 50, and what it takes a real one "
        "may refuse. What the documents leave open is a setting each, under `sage:` in company.yaml, and on the list "
        "in docs/uat-checklist.md of what to try in a real Sage 50: " + ", ".join(SageFacts.model_fields) + "."
    ),
)

Company = Annotated[str, typer.Option(help="The company's code.")]


@app.command("import")
def import_command(
    path: Annotated[str, typer.Argument(help="A file, or a batch's folder; a path or a URL (s3://...).")],
    company: Company,
    kind: Annotated[
        str | None, typer.Option(help="transactions, stock, customers or products; without it by the file's name.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="As the import that is not grouped.")] = False,
    program_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="What a blank date becomes.")
    ] = None,
) -> None:
    """Import. The same file twice is booked twice, as in Sage. Exit code 3 where a row was refused."""
    from storeday.model.storage import exists, read_bytes
    from storeday.sage50.sandbox.batch_files import Kind, files_of, import_file, name_of, rules_of

    if kind is not None and kind not in set(Kind):
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(Kind)}")
    if not exists(path):
        raise typer.BadParameter(f"{path} does not exist")
    files = [(Kind(kind), path)] if kind else files_of(path)
    with _open(company) as (settings, sandbox):
        rules = rules_of(settings.company, program_date and program_date.date(), is_grouped=not plain)
        imported = [(name_of(file), import_file(sandbox, of, read_bytes(file), rules)) for of, file in files]
    for name, what in imported:
        _tell(name, what)
    if any(what.refused for _, what in imported):
        raise typer.Exit(REFUSED)


@app.command("balances")
def balances_command(company: Company) -> None:
    """The trial balance, what customers owe, and what is in stock."""
    from storeday.sage50.sandbox.shown import balances_text

    with _open(company) as (_, sandbox), sandbox.reading() as connection:
        print(balances_text(connection), end="")


@app.command("vat")
def vat_command(company: Company) -> None:
    """The boxes of the VAT return, by tax code."""
    from storeday.sage50.sandbox.shown import vat_text

    with _open(company) as (_, sandbox), sandbox.reading() as connection:
        print(vat_text(connection), end="")


@app.command("export")
def export_command(
    company: Company,
    out: Annotated[Path, typer.Option(help="Folder to write to.")],
) -> None:
    """Everything in import layout (transactions.csv) and in journal view (audit_trail.csv), the trial balance
    (balances.csv), the ODBC tables (odbc/)."""
    from storeday.model.storage import join, write_whole
    from storeday.sage50.sandbox.exports import audit_trail_csv, balances_csv, odbc_csvs, transaction_csv

    with _open(company) as (_, sandbox), sandbox.reading() as connection:
        write_whole(join(str(out), "transactions.csv"), transaction_csv(connection))
        write_whole(join(str(out), "audit_trail.csv"), audit_trail_csv(connection))
        write_whole(join(str(out), "balances.csv"), balances_csv(connection))
        for name, content in odbc_csvs(connection).items():
            write_whole(join(str(out), "odbc", name), content)
    print(f"wrote {out}")


@app.command("masters")
def masters_command(company: Company) -> None:
    """Add what the settings name since: nominals, banks, customers, departments, tax codes."""
    from storeday.sage50.sandbox.masters import masters_from

    with _open(company) as (settings, sandbox):
        sandbox.add_masters(masters_from(settings))
    print(f"{settings.company.name}: the sandbox has all that the settings name")


@app.command("reset")
def reset_command(company: Company) -> None:
    """Throw the sandbox away and begin anew, with what the settings name."""
    with _open(company, anew=True) as (settings, _):
        pass
    print(f"{settings.company.name}: an empty sandbox with what the settings name")


@contextmanager
def _open(code: str, *, anew: bool = False) -> Iterator[tuple[CompanySettings, Sandbox]]:
    """A company and its sandbox, made with what its settings name where it isn't there yet, or ``anew``.

    A file of this machine is SQLite's own to guard. Whoever works on one on an object store is alone with it, by a lock
    of the ledger's.
    """
    from storeday.config.environment import environment
    from storeday.config.places import Places
    from storeday.model.storage import is_local
    from storeday.sage50.sandbox.company import changing, remove_sandbox

    where = environment()
    place = Places(where.home).sandbox(code)
    with ExitStack() as held:
        if is_local(place):
            settings = where.settings()
        else:
            work = held.enter_context(open_workplace())
            settings = work.settings
            held.enter_context(work.ledger.exclusively(f"sandbox of {code}"))
        company = settings.company(code)
        if anew:
            remove_sandbox(place)
        yield company, held.enter_context(changing(company, place))


def _tell(name: str, imported: Imported) -> None:
    under = f" under {_counted(imported.headers, 'header')}" if imported.headers else ""
    print(f"{name}: {_counted(imported.taken, 'row')} taken{under}, {len(imported.refused):,} refused")
    for refusal in imported.refused:
        print(f"  {refusal}")
    if imported.kept_out:
        out = f"{_counted(imported.kept_out, 'good row')} {'were' if imported.kept_out > 1 else 'was'} kept out"
        print(f"  {out}: one bad row keeps out the file (sage.all_or_nothing)")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
