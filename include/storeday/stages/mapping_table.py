"""The log of the mappings as text for the terminal, and as plain values for programs."""

from __future__ import annotations

from dataclasses import asdict

from rich.markup import escape
from rich.table import Table

from storeday.config.mapping_changes import CodeChange
from storeday.model.mapping_log import Effect, MappingVersion
from storeday.model.money import plain
from storeday.stages.mapping_log import Pending
from storeday.stages.table import printed


def log_table(versions: list[MappingVersion], *, colour: bool = False) -> str:
    """Every version, oldest first: what it changed, what that would have moved, who accepted it and why."""
    if not versions:
        return "No mapping was used yet: the first day that is checked records it.\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("company", "version", "accepted"):
        table.add_column(heading, no_wrap=True)
    for heading in ("by", "what changed, and what it would have moved", "why"):
        table.add_column(heading, overflow="fold")
    for version in versions:
        past = " (alters posted days)" if version.alters_past else ""
        table.add_row(
            version.company,
            f"{version.number}{past}",
            f"{version.at:%Y-%m-%d %H:%M} UTC",
            escape(version.by),
            escape("\n".join([*version.words, *effect_lines(version.effect)])),
            escape(version.why),
        )
    changed = sum(not version.is_first for version in versions)
    return printed(table, f"{changed} change{'' if changed == 1 else 's'}", colour)


def effect_lines(effect: Effect | None) -> list[str]:
    """What would have moved: how many store-days, then each way with its amount."""
    return [effect.words, *(f"  {moved.words}" for moved in effect.moves)] if effect else []


def change_lines(changes: list[CodeChange]) -> list[str]:
    """The changes in words, below the line that says of what."""
    return [f"  {change.words}" for change in changes]


def pending_lines(code: str, pending: Pending | None, effect: Effect | None = None) -> list[str]:
    """What of a company's mapping file is not recorded yet, what it would move, and what becomes of it."""
    if pending is None:
        return [f"{code}: mappings.yaml says what was accepted last"]
    if pending.accepted is None:
        return [f"{code}: mappings.yaml is the first; the first day that is checked records it"]
    changes = list(pending.changes)
    said = [f"{code}: mappings.yaml against version {pending.accepted.number}", *change_lines(changes)]
    said += [f"  {line}" for line in effect_lines(effect)]
    if refused := pending.refusal():
        return [*said, "REFUSED " + refused[0], *refused[1:]]
    return [*said, f"{code}: nothing that is posted moves; the next day that is checked records it"]


def as_plain(version: MappingVersion) -> dict[str, object]:
    """A version for programs: money as text and in minor units, moments in ISO 8601."""
    said = {**asdict(version), "at": f"{version.at.isoformat(timespec='seconds')}Z"}
    del said["blocks"]
    if version.effect:
        moves = [
            {**moved._asdict(), "net": plain(moved.net_minor), "tax": plain(moved.tax_minor)}
            for moved in version.effect.moves
        ]
        days = {"first": version.effect.first.isoformat(), "last": version.effect.last.isoformat()}
        said["effect"] = {**asdict(version.effect), **days, "moves": moves}
    return said
