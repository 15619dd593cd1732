"""The command line: ``storeday COMMAND``, each group of commands a module."""

from storeday.cli.commands import app, main

__all__ = ["app", "main"]
