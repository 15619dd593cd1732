"""Runbooks, read the way a person follows them: the commands in their order, and what the page says one sees.

A code block is indented by four or more. Its lines are commands (``storeday …``, at the head of a paragraph), commands
of other programs, settings, or words of the software. Numbers and ids may be others than in the page, and ``…`` stands
for anything.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from storeday.config.mappings import MappingBlock
from storeday.config.settings import Company, Store

RUNBOOKS = Path(__file__).parents[1] / "docs" / "runbooks"
OTHER_PROGRAMS = ("airflow ", "ssh-keyscan ", "sqlite3 ", "pg_dump ", "pg_restore ", "mv ", "cp ", "--conn-", "rsync ")
SETTINGS = {*Company.model_fields, *Store.model_fields, *MappingBlock.model_fields, "closed_weekdays", "closed_days"}
SETTINGS |= {"open_days", "STD"}
INLINE = re.compile(r"`(storeday [^`]+)`")
ID = re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{12}\b")


@dataclass(frozen=True)
class Page:
    """One runbook."""

    name: str

    @property
    def text(self) -> str:
        """What it says."""
        return (RUNBOOKS / self.name).read_text(encoding="utf-8")

    def code(self) -> list[tuple[bool, str]]:
        """The lines of its code blocks, each with whether it is a command of ours."""
        lines, at_head = [], True
        for line in self.text.replace("\\\n", " ").splitlines():
            is_code = line.startswith("    ")
            is_command = at_head and is_code and line.strip().startswith("storeday ")
            lines += [(is_command, line.strip())] if is_code and line.strip() else []
            at_head = is_command or not line.strip() or line.strip().startswith(OTHER_PROGRAMS)
        return lines

    def commands(self) -> list[str]:
        """The commands of ours to type, in their order."""
        return [line for is_command, line in self.code() if is_command]

    def named(self) -> list[str]:
        """Commands that its sentences name, with or without what they need."""
        return INLINE.findall(self.text)

    def quoted(self) -> list[str]:
        """What it says that the software says, line by line."""
        return [
            line
            for is_command, line in self.code()
            if line.strip("… ")
            and not is_command
            and not line.startswith(("- {", "{", *OTHER_PROGRAMS))
            and line.removeprefix("- ").partition(":")[0] not in SETTINGS
        ]


def pages() -> list[str]:
    """The runbooks' names, the index left out."""
    return sorted(path.name for path in RUNBOOKS.glob("*.md") if path.name != "README.md")


def plain(line: str) -> str:
    """A line without what differs from run to run: numbers, ids, the width of columns."""
    return " ".join(re.sub(r"\d[\d,.:]*", "#", ID.sub("#", line)).split())


def was_said(quoted: str, said: list[str]) -> bool:
    """Whether one of some lines is what a page quotes."""
    parts = (re.escape(plain(part)) for part in quoted.split("…"))
    wanted = re.compile(".*".join(parts))
    return any(wanted.search(plain(line)) for line in said)


@dataclass
class Tried:
    """A page that is followed: its commands typed as they stand there, and everything that was said."""

    page: Page
    typed: Callable[..., tuple[int, str]]
    said: list[str] = field(default_factory=list)
    done: int = 0

    def type_next(self, begins: str, *, batch: str = "", code: int = 0) -> str:
        """Type the page's next command, which begins so; ``batch`` in place of the id that the page shows."""
        command = self.page.commands()[self.done]
        self.done += 1
        assert command.startswith(begins), f"{self.page.name}: its command {self.done} is {command}"
        ended, said = self.typed(*shlex.split(ID.sub(batch, command) if batch else command)[1:])
        self.hear(said)
        assert ended == code, said
        return said

    def hear(self, said: str) -> None:
        """Something was said, or written into a file."""
        self.said += said.splitlines()

    def left(self) -> list[str]:
        """Commands that were not typed, and quoted lines that nothing said."""
        unsaid = [line for line in self.page.quoted() if not was_said(line, self.said)]
        return [*self.page.commands()[self.done :], *unsaid]
