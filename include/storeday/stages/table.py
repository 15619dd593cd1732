"""Store-days as text for the terminal: tables of many, the whole of one."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from storeday.model.money import money
from storeday.model.postings import PostingKey, Role
from storeday.model.store_day import Ends, State, reasons_text
from storeday.postings.moves import DayMoves, Move
from storeday.stages.decisions import HeldDay
from storeday.stages.overview import StoreDayLine

_STYLES = {
    State.HELD: "bold yellow",
    State.ROLLED_BACK: "bold magenta",
    State.EXPECTED: "red",
    State.RECEIVED: "cyan",
    State.READY: "cyan",
}

_ROLES = {
    Role.SALES: "sales",
    Role.REFUNDS: "refunds",
    Role.DEPOSIT: "banked",
    Role.VOUCHER: "gift cards",
    Role.ACCOUNT: "customer",
    Role.OVER_SHORT: "over and short",
    Role.ROUNDING: "cash rounding",
    Role.MOVEMENT: "moved in or out",
}


def store_day_table(lines: list[StoreDayLine], *, colour: bool = False) -> str:
    """The table as text. Money has two decimals, days are dates, a held store-day says why."""
    if not lines:
        return "No store-day yet.\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, align in (
        ("day", "left"),
        ("store", "left"),
        ("state", "left"),
        ("receipts", "right"),
        ("takings", "right"),
    ):
        table.add_column(heading, justify="right" if align == "right" else "left", no_wrap=True)
    table.add_column("why", overflow="fold")
    for line in lines:
        table.add_row(
            f"{line.trading_day:%a %d %b %Y}",
            f"{line.store} {line.name}",
            f"[{_STYLES.get(line.state, 'green')}]{line.state}[/]",
            f"{line.receipts:,}",
            money(line.gross_minor),
            escape(line.reason),
        )
    staged = sum(line.state.is_staged for line in lines)
    states = Counter(str(line.state) for line in lines)
    said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    gross = sum(line.gross_minor for line in lines if line.state.is_staged)
    return printed(table, f"{staged} of {len(lines)} store-days staged ({said}), takings {money(gross)}", colour)


def held_table(days: list[HeldDay], *, colour: bool = False) -> str:
    """What holds store-days, a line a reason, with what a person may do about it."""
    if not days:
        return "Nothing is held.\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("day", "store", "state"):
        table.add_column(heading, no_wrap=True)
    for heading in ("why", "a person may"):
        table.add_column(heading, overflow="fold")
    for day in days:
        for hold in day.holds:
            table.add_row(
                f"{day.trading_day:%a %d %b %Y}",
                day.store,
                f"[{_STYLES[day.state]}]{day.state}[/]",
                escape(hold.headline()),
                escape(day.may(hold)),
            )
    return printed(table, f"{len(days)} store-days wait for a person", colour)


def held_day_text(day: HeldDay) -> str:
    """All that holds a store-day, what may be decided about it, and what was decided so far."""
    name = f"{day.store} {day.trading_day.isoformat()}"
    lines = reasons_text(day.store, day.trading_day, day.holds) or [f"{name}: {day.state}, nothing holds it"]
    if day.holds:
        lines.append("A person may")
        lines += [f"  {hold.check}: {day.may(hold)}" for hold in day.holds]
    if any(hold.ends_by is not Ends.CORRECTION for hold in day.holds):
        lines.append(f'  storeday hold release {day.store} {day.trading_day.isoformat()} --why "..." --by "..."')
    if day.decisions:
        lines.append("Decided so far")
    for made in day.decisions:
        ends = f"   withdrawn: {made.withdrawn}" if made.withdrawn else ""
        lines.append(f"  {made.number}  {made.at:%Y-%m-%d %H:%M} UTC  {made.by}: {made.words}: {made.why}{ends}")
    return "\n".join(lines)


def moves_table(days: Sequence[DayMoves], *, nothing: str = "Nothing can be staged.", colour: bool = False) -> str:
    """What would move: from which account to which, by store-day, then in all; ``nothing`` where no day is sure."""
    if not days:
        return "No store-day of the range would move.\n"
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("day", "store", "what", "from", "to"):
        table.add_column(heading, no_wrap=True)
    for heading in ("net", "tax"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("but", overflow="fold")
    total: dict[tuple[str, str, str], list[Move]] = defaultdict(list)
    for day in days:
        for number, move in enumerate(day.moves or (None,)):
            name = (f"{day.trading_day:%a %d %b %Y}", day.store) if number == 0 else ("", "")
            but = escape(day.but) if number == 0 else ""
            if move is None:
                table.add_row(*name, "", "", "", "", "", but)
                continue
            way = (_ROLES[move.role], _account(move.source), _account(move.target))
            table.add_row(*name, *way, money(move.amount.net), money(move.amount.tax), but)
            if day.can_be_staged:
                total[way].append(move)
    lines = [_sum_of(way, moves) for way, moves in sorted(total.items())]
    return printed(table, "\n".join(["", "In all", *lines] if lines else ["", nothing]), colour)


def _sum_of(way: tuple[str, str, str], moves: list[Move]) -> str:
    what, source, target = way
    net, tax = (sum(amounts) for amounts in zip(*(move.amount for move in moves), strict=True))
    return f"  {what}: {source or 'new'} to {target or 'nothing'}, net {money(net)}, tax {money(tax)}"


def _account(key: PostingKey | None) -> str:
    """An account as a bookkeeper names it: customer or nominal, department, tax code."""
    return f"{key.account or key.nominal} dept {key.department} {key.tax_code}" if key else ""


def printed(table: Table, last_line: str, colour: bool) -> str:
    """A table and what stands below it, as text for the terminal."""
    text = io.StringIO()
    console = Console(file=text, width=150, force_terminal=colour, highlight=False)
    console.print(table)
    console.print(last_line, markup=False)
    return text.getvalue()


def to_paste(lines: list[StoreDayLine]) -> list[str]:
    """What to paste into the settings to free held store-days: each text once, from the edge of the page."""
    said: list[str] = []
    told = set()
    for line in lines:
        for snippet in line.snippets:
            if (line.company, snippet.file, snippet.text) not in told:
                told.add((line.company, snippet.file, snippet.text))
                said += ["", f"{line.store} {line.trading_day.isoformat()}: {snippet.how}:", snippet.text]
    return said
