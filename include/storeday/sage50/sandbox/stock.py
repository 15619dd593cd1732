"""The import of stock transactions: quantities in and out, no money booked. Source: sage50-uk reference, 2.4.

An audit trail import never moves stock and this import never books money (2.1).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import select

from storeday.config.sage_facts import SageFacts
from storeday.sage50.sandbox.company import Imported, Sandbox
from storeday.sage50.sandbox.entries import insert_all, next_number
from storeday.sage50.sandbox.file_text import FieldRefused, Layout, Refusal, read_text
from storeday.sage50.sandbox.forms import amount_of, day_of_text, text_of
from storeday.sage50.sandbox.tables import PRODUCTS, STOCK_MOVES

TYPES: Final = frozenset("AI AO DI DO GI GO GR WO".split())
LAYOUT: Final = Layout(
    "Transaction Type,Stock Code,Date,Reference,Details,Quantity,Cost Price,Sales Price".split(","),
    least=6,
    first_headings=frozenset({"Type", "Transaction Type"}),
    has_known_headings=False,  # the template itself was not seen
)
_COLUMNS: Final = "TRAN_NUMBER STOCK_CODE TYPE DATE REFERENCE DETAILS QUANTITY COST_PRICE SALES_PRICE MOVED"


def import_stock(sandbox: Sandbox, content: bytes, facts: SageFacts, program_date: date | None = None) -> Imported:
    """Import a file of stock transactions; a blank date becomes ``program_date``."""
    with sandbox.writing() as connection:
        text = read_text(content, LAYOUT, facts)
        known = set(connection.execute(select(PRODUCTS.c.STOCK_CODE)).scalars())
        moves, refused = [], list(text.refused)
        for line, fields in text.rows:
            try:
                moves.append(_move(fields, known, facts, program_date))
            except FieldRefused as error:
                refused.append(Refusal(line, fields[3], str(error)))
        if refused and facts.all_or_nothing:
            return Imported(0, tuple(sorted(refused)), kept_out=len(moves))
        first = next_number(connection, STOCK_MOVES, "TRAN_NUMBER")
        rows = [(number, *move) for number, move in enumerate(moves, start=first)]
        insert_all(connection, STOCK_MOVES, _COLUMNS, rows)
        return Imported(len(moves), tuple(sorted(refused)))


def _move(fields: list[str], known: set[str], facts: SageFacts, program_date: date | None) -> tuple[Any, ...]:
    kind, code = fields[0], fields[1]
    if kind not in TYPES:
        raise FieldRefused(f"{kind!r} is no type of stock transaction that can be imported")
    if code not in known:
        raise FieldRefused(f"product {code!r} does not exist")
    quantity = amount_of("quantity", fields[5], facts, may_be_negative=facts.stock_quantity == "signed")
    cost, price = (
        amount_of(name, value, facts, may_be_negative=False) if value else 0
        for name, value in (("cost price", fields[6]), ("sales price", fields[7]))
    )
    return (
        code,
        kind,
        day_of_text(fields[2], program_date).isoformat(),
        text_of("reference", fields[3], facts.stock_reference_size, facts),
        text_of("details", fields[4], 60, facts),
        quantity,
        cost,
        price,
        -quantity if kind in facts.stock_out_types else quantity,
    )
