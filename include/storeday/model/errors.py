"""What can go wrong with a file or a store-day, in words that say what, where and what to do."""

from __future__ import annotations

from dataclasses import dataclass


class StoredayError(Exception):
    """Root of all errors that this project raises on purpose."""


class SettingsError(StoredayError):
    """The settings are wrong. ``problems`` lists every one of them, each naming its file and key."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class LedgerUnreachable(StoredayError):
    """The ledger's database does not answer, or broke off. What was not written down by then is done again."""


class StorageUnreachable(StoredayError):
    """The object store below STOREDAY_HOME does not answer, or broke off. What was not put by then is put again."""


class StorageRefused(StoredayError):
    """The object store does not know us, or does not let us do what we must. Trying again changes nothing."""


class LedgerBehind(StoredayError):
    """The outbox has what the ledger knows nothing of: such a ledger may stage nothing."""


class WrongEnvironment(StoredayError):
    """A batch was staged for another environment than its company has now. It stays a draft."""


class BeforeCutover(StoredayError):
    """A batch holds a store-day of before its store's cutover. It stays a draft."""


@dataclass
class FileRejected(StoredayError):
    """A file of a till that can't be taken in: rejected whole, its bytes kept.

    ``why`` is the sentence for the shop manager, ``line`` the line of the file (header = 1), ``receipt``
    the till and number where one is known, ``what_now`` what to do about it.
    """

    file: str
    why: str
    line: int | None = None
    receipt: str | None = None
    what_now: str = "Ask the store for a corrected file."

    def __str__(self) -> str:
        where = self.file
        if self.line is not None:
            where += f" line {self.line}"
        if self.receipt is not None:
            where += f" receipt {self.receipt}"
        return f"{where}: {self.why} {self.what_now}"


class CannotCompare(StoredayError):
    """Sage's export, or what was handed over, can't be read as it is. Trying again changes nothing."""
