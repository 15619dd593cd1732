"""What the sample shops sell: about 60 SKUs of all tax classes, kept in ``catalogue.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import pyarrow as pa
from pyarrow import csv as pa_csv

from storeday.sample.arithmetic import Flags, Ints

GIFT_CARD: Final = "GIFTCARD"
RATES: Final = {"STD": 20, "RED": 5, "ZERO": 0, "EXEMPT": 0, "OUT": 0}
"""Per cent of tax by the tills' tax classes."""

_SCHEMA: Final = pa.schema(
    [
        ("sku", pa.string()),
        ("description", pa.string()),
        ("category", pa.string()),
        ("tax_class", pa.string()),  # one of RATES
        ("price_minor", pa.int64()),  # of one, of a kilogram, or the least face value of a gift card
        ("sold_by", pa.string()),  # each, kg, face
        ("deal", pa.string()),  # main, snack or drink where the meal deal takes it, else empty
    ]
)


@dataclass(frozen=True)
class Goods:
    """The catalogue as the generator needs it: arrays by row of the catalogue, and rows by role."""

    table: pa.Table
    price_minor: Ints
    rate: Ints  # per cent
    is_weighed: Flags
    ordinary: Ints  # rows of all that is no gift card
    gift_card: int  # row
    deal: tuple[Ints, Ints, Ints]  # rows of mains, snacks, drinks


def catalogue() -> pa.Table:
    """Every SKU: sku, description, category, tax_class, price_minor (pence, tax included), sold_by, deal.

    Weighed goods are priced a kilogram (``sold_by`` is kg). The gift card's price is its least face value.
    """
    content = files(__package__).joinpath("catalogue.csv").read_bytes()
    types = pa_csv.ConvertOptions(column_types=_SCHEMA)
    return pa_csv.read_csv(pa.BufferReader(content), convert_options=types).combine_chunks()


@cache
def goods() -> Goods:
    """The catalogue in arrays; read once."""
    table = catalogue()
    sold_by, deal = (np.array(table.column(name).to_pylist()) for name in ("sold_by", "deal"))
    return Goods(
        table=table,
        price_minor=table.column("price_minor").to_numpy(),
        rate=np.array([RATES[tax_class] for tax_class in table.column("tax_class").to_pylist()], np.int64),
        is_weighed=sold_by == "kg",
        ordinary=np.flatnonzero(sold_by != "face"),
        gift_card=table.column("sku").to_pylist().index(GIFT_CARD),
        deal=(np.flatnonzero(deal == "main"), np.flatnonzero(deal == "snack"), np.flatnonzero(deal == "drink")),
    )
