"""Baskets: the lines of each receipt, their promotions, and the tax in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from storeday.sample.arithmetic import Flags, Ints, divide_half_up, tax_within
from storeday.sample.catalogue import goods
from storeday.sample.order import Stream, pick
from storeday.sample.promotions import deal_goods, deal_parts, marked_down
from storeday.sample.rolls import Rolls, StoreDay

ONE: Final = 1_000
"""Quantities are thousandths."""
_SIZES: Final = (22, 25, 19, 13, 9, 6, 4, 2)  # receipts with 1, 2, .. lines, relative
_REFUND_SIZES: Final = (85, 15)
_QUANTITIES: Final = (80, 13, 4, 3)  # lines of 1, 2, .. pieces, relative
_DEALS: Final = 0.10  # of sales
_GIFT_CARD_SALES: Final = 0.015
_FACE_VALUES_MINOR: Final = np.array([1_000, 2_000, 2_500, 5_000])


@dataclass(frozen=True)
class Lines:
    """The lines of a store-day, by receipt; one place an array. Money in minor units, signed."""

    owner: Ints  # place of the receipt in Rolls
    line: Ints  # 1, 2, .. within the receipt
    sku: Ints  # row of the catalogue
    quantity_milli: Ints
    unit_price_minor: Ints
    discount_minor: Ints  # positive, already taken off
    gross_minor: Ints
    tax_minor: Ints


@dataclass(frozen=True)
class _Baskets:
    """How many lines each receipt has and what is special in them."""

    size: Ints
    is_deal: Flags
    has_gift_card: Flags

    @property
    def start(self) -> Ints:
        """Where each receipt's lines begin."""
        return np.cumsum(self.size) - self.size


def draw_lines(store_day: StoreDay, rolls: Rolls) -> Lines:
    """What was bought and brought back, priced, with its tax."""
    rng = store_day.stream(Stream.LINES)
    baskets = _draw_baskets(rng, rolls)
    owner = np.repeat(np.arange(len(rolls)), baskets.size)
    deal_lines = baskets.start[baskets.is_deal][:, None] + np.arange(3)  # the deal's lines come first
    gift_cards = (baskets.start + baskets.size - 1)[baskets.has_gift_card]  # a gift card comes last
    sku = rng.choice(goods().ordinary, len(owner))
    sku[deal_lines] = deal_goods(rng, len(deal_lines))
    sku[gift_cards] = goods().gift_card
    price = goods().price_minor[sku]
    price[gift_cards] = rng.choice(_FACE_VALUES_MINOR, len(gift_cards))
    quantity = _draw_quantities(rng, sku)
    quantity[deal_lines] = ONE
    quantity[gift_cards] = ONE
    quantity *= np.where(rolls.is_refund, -1, 1)[owner]
    full = divide_half_up(quantity * price, ONE)
    discount = marked_down(rng, full, can_be=(quantity > 0) & (sku != goods().gift_card))
    discount[deal_lines] = deal_parts(full[deal_lines])
    gross = full - discount
    line = np.arange(len(owner)) - baskets.start[owner] + 1
    return Lines(owner, line, sku, quantity, price, discount, gross, tax_within(gross, goods().rate[sku]))


def _draw_baskets(rng: np.random.Generator, rolls: Rolls) -> _Baskets:
    receipts = len(rolls)
    is_deal = rolls.is_sale & (rng.random(receipts) < _DEALS)
    has_gift_card = rolls.is_sale & ~is_deal & (rng.random(receipts) < _GIFT_CARD_SALES)
    sale_size = 1 + pick(rng, _SIZES, receipts)
    refund_size = 1 + pick(rng, _REFUND_SIZES, receipts)
    size = np.where(rolls.is_sale, sale_size, np.where(rolls.is_refund, refund_size, 0))
    return _Baskets(np.where(is_deal, np.maximum(size, 3), size), is_deal, has_gift_card)


def _draw_quantities(rng: np.random.Generator, sku: Ints) -> Ints:
    """Pieces, or what the scales show: 0.100 to 2.500 kg."""
    pieces = (1 + pick(rng, _QUANTITIES, len(sku))) * ONE
    return np.where(goods().is_weighed[sku], rng.integers(100, 2_501, len(sku)), pieces)
