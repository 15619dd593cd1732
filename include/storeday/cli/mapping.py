"""storeday mapping: what changed in the mappings, what that moves, and whether anybody has to accept it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from storeday.cli.options import FAULT, By, Why, open_workplace, say
from storeday.model.errors import SettingsError

if TYPE_CHECKING:
    from storeday.config.mapping_changes import Blocks
    from storeday.stages import Workplace

app = typer.Typer(no_args_is_help=True, help="See what changed in the mappings, and what that moves; accept it.")

OneCompany = Annotated[str, typer.Option(help="Only this company, by its code.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command("log")
def log_command(company: OneCompany = "", as_json: AsJson = False) -> None:
    """Every version of the mappings: what it changed, what that would have moved, who accepted it, and why."""
    from storeday.stages.mapping_table import as_plain, log_table

    with open_workplace() as work:
        codes = _codes(work, company)
        versions = [version for version in work.ledger.mapping_versions() if version.company in codes]
    print(json.dumps([as_plain(each) for each in versions], indent=2) if as_json else log_table(versions).rstrip("\n"))


@app.command("diff")
def diff_command(
    company: OneCompany = "",
    first: Annotated[
        int | None, typer.Option("--from", min=1, help="A version; without it the newest, or the one before --to.")
    ] = None,
    last: Annotated[int | None, typer.Option("--to", min=1, help="A later one; without it the file as it is.")] = None,
) -> None:
    """What differs in words: the files against what was accepted last, or two versions of the log."""
    from storeday.config.mapping_changes import changes_between
    from storeday.stages.mapping_table import change_lines

    with open_workplace() as work:
        for code in _codes(work, company):
            earlier = max(1, last - 1) if last and not first else first
            (was, before), (now, after) = _version(work, code, earlier), _file_or_version(work, code, last)
            changes = changes_between(before, after)
            say(f"{code}: {now} against {was}" + ("" if changes else ": nothing differs"))
            for line in change_lines(changes):
                say(line)


@app.command("preview")
def preview_command(
    company: OneCompany = "",
    days: Annotated[int, typer.Option(min=1, help="How many trading days, up to the newest that is posted.")] = 30,
) -> None:
    """What the files as they are would have moved on the last days' store-days, row by row. Nothing is written."""
    from storeday.stages.mapping_preview import preview
    from storeday.stages.table import moves_table

    with open_workplace() as work:
        for code in _codes(work, company):
            settings = work.settings.company(code)
            was, before = _version(work, code, None)
            found = preview(work, settings, before, settings.mappings, days)
            if found is None:
                say(f"{code}: no store-day is posted yet")
                continue
            say(f"{code}: mappings.yaml against {was}: {found.effect.words}")
            shown = [day for day in found.days if day.moves or day.but]
            print(moves_table(shown, nothing="Nothing can be worked out."), end="", flush=True)


@app.command("check")
def check_command(company: OneCompany = "") -> None:
    """Whether the files may be used as they are: what changed, what it would have moved, whether it is refused.

    Nothing is written. Exit code 1 where the settings are wrong or a change is refused.
    """
    from storeday.stages.mapping_log import LOOKED_AT, Pending
    from storeday.stages.mapping_preview import preview
    from storeday.stages.mapping_table import pending_lines

    is_refused = False
    try:
        with open_workplace() as work:
            for code in _codes(work, company):
                settings = work.settings.company(code)
                pending = Pending.of(work, settings)
                found = preview(work, settings, pending.before, settings.mappings, most=LOOKED_AT) if pending else None
                for line in pending_lines(code, pending, found.effect if found else None):
                    say(line)
                is_refused |= bool(pending and pending.altering)
    except SettingsError as error:
        for problem in error.problems:
            say(f"REFUSED {problem}")
        is_refused = True
    if is_refused:
        raise typer.Exit(FAULT)


@app.command("accept")
def accept_command(
    company: Annotated[str, typer.Option(help="The company's code.")],
    why: Why,
    by: By,
    past: Annotated[bool, typer.Option("--past", help="Also where it alters days that are posted.")] = False,
) -> None:
    """Accept a company's mapping as its file is now. It moves no past day by itself: `storeday restage` does."""
    from storeday.stages.mapping_log import accept
    from storeday.stages.mapping_table import effect_lines

    with open_workplace() as work:
        version = accept(work, company, why=why, by=by, past=past)
    if version is None:
        say(f"{company}: mappings.yaml says what was accepted last; there is nothing to accept")
        return
    say(f"{company}: version {version.number} accepted by {version.by}")
    for line in [*version.words, *effect_lines(version.effect)]:
        say(f"  {line}")
    if version.alters_past:
        say("Posted days stay as they are. See what would move: storeday restage --from YYYY-MM-DD --to YYYY-MM-DD")


def _codes(work: Workplace, company: str) -> list[str]:
    found = [work.settings.company(company)] if company else work.settings.companies
    return [each.company.code for each in found]


def _version(work: Workplace, company: str, number: int | None) -> tuple[str, Blocks]:
    """A version of the log in words, and its blocks; without a number the newest.

    Raises: LookupError where there is no such version.
    """
    from storeday.config.mapping_changes import blocks_of

    known = {version.number: version for version in work.ledger.mapping_versions(company)}
    if not known and number is None:
        return "the file itself, as nothing was used yet", work.settings.company(company).mappings
    found = known.get(number or max(known, default=0))
    if found is None:
        raise LookupError(f"{company}: no version {number} of the mapping; there are {len(known)}")
    return f"version {found.number}", blocks_of(found.blocks)


def _file_or_version(work: Workplace, company: str, number: int | None) -> tuple[str, Blocks]:
    if number is None:
        return "mappings.yaml", work.settings.company(company).mappings
    return _version(work, company, number)
