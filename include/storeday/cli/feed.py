"""The commands below `storeday feed`: whose file is this, what is read from it, its golden output."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from storeday.config.settings import CompanySettings, Store

app = typer.Typer(no_args_is_help=True, help="Look at a till's file by itself.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The main file of a slice.")]
StoreCode = Annotated[str | None, typer.Option("--store", help="A store of the settings: its feed reads the file.")]
StoreFile = Annotated[
    Path | None, typer.Option("--store-file", exists=True, help="A store's YAML file that is not in the settings.")
]


@app.command("identify")
def identify_command(file: File) -> None:
    """Which feeds this file may be of, by name and header."""
    from storeday.stages.feed_files import identify

    found = identify(file)
    for sentence in found:
        print(sentence)
    if not found:
        print(f"{file.name}: no feed knows it; docs/feeds/add-a-feed.md says how to add one")
        raise typer.Exit(3)


@app.command("preview")
def preview_command(file: File, store: StoreCode = None, store_file: StoreFile = None) -> None:
    """What is read from this file: receipts, totals, what adds up, what is not mapped or not read."""
    from storeday.stages.feed_files import open_file, preview

    company, settings = _store(store, store_file)
    for line in preview(open_file(file, settings), company):
        print(line)


@app.command("golden")
def golden_command(file: File, store: StoreCode = None, store_file: StoreFile = None) -> None:
    """Write what is read from this file beside it, for a test. A golden file that is there is never redone."""
    from storeday.stages.feed_files import open_file, write_golden

    try:
        written = write_golden(open_file(file, _store(store, store_file)[1]))
    except FileExistsError as error:
        raise typer.BadParameter(str(error)) from None
    print(f"wrote {written}: check it by hand, and write the sums down beside it")


def _store(code: str | None, file: Path | None) -> tuple[CompanySettings | None, Store]:
    from storeday.config.environment import config_folder
    from storeday.config.load import load_settings
    from storeday.stages.feed_files import store_from

    if (code is None) == (file is None):
        raise typer.BadParameter("say which store: --store CODE or --store-file FILE")
    if file is not None:
        return None, store_from(file)
    return load_settings(config_folder()).company_of(str(code))
