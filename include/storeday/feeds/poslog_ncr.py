"""The feed `poslog-ncr`: POSLog XML as NCR's ACS 2.1 tills write it. The vendors' dialects differ: this is one.

What the dialect means was found by sums that must come out on a real file of 42 sales and 9 control
records, in all of them:

- lines + detailed monetary rewards + tax = TransactionGrandAmount = sum of the tenders;
- GrossPositive + GrossNegative = the same total;
- goods and rewards flagged ``Tax1`` sum to the TaxableAmount of the tax with TaxID 1.

How it becomes canonical:

- **Receipts.** Keyed by WorkstationID (the till) and SequenceNumber as given; BusinessDayDate is the
  trading day: the till says it, it is not recomputed. EndDateTime is the local time, without a zone: of an
  hour that comes twice the first is meant, a time that the clock skips moves forward. A RetailTransaction is
  a sale, or a refund where its total is negative. A ControlTransaction (sign-on, drawer opened) is a no_sale,
  which counts in the sequence. ``TrainingModeFlag`` and ``CancelFlag`` make a training and a void.
- **Lines** keep the numbers of their line items. Prices are without tax, so a receipt's tax is a line of its
  own, category TAX, of which gross and tax both are the tax. A voided item stays and comes again, negative;
  so it is carried. Of a NegativeItem (a bottle's deposit paid back) only the amount is below zero in the
  file; here the quantity is too. The unit price may be for several (2 for 6.00) or be overruled by a weighed
  label: quantity times unit price need not give the gross.
- **Rewards** are lines of category REWARD: quantity 0, the money as discount and, negative, as gross. Only
  the RewardCategory Monetary is money; in CustomOffer the "amount" is a count, in Other it is 0. A reward over
  the whole receipt is told twice: in detail, item by item (``detailedData``), and in sum
  (``summarizedActivity``); one on an item carries both flags. So what carries ``detailedData`` is taken,
  and what is only the sum is not.
- **Tax class** is TAX1 where the Itemizers flag ``Tax1`` (TAX1+TAX2 where both), else NOTAX; of a TAX line
  it is TAX and the TaxID.
- **Tenders** are signed. Change, and cash paid out on a card (cashback), is a cash line below zero; the
  TenderChange and Cashback nested in a tender say the same again and are not read. The code is what the
  file says most precisely, in capitals: CreditDescription (VISA, MASTERCARD), CardType (DEBIT), TenderType
  (CASH).
- Not carried: operators, loyalty ids, authorisations, signatures, and the link of a resumed sale.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from storeday.feeds.base import Marker, ReadFile, ReadingRules
from storeday.feeds.marker import parse_marker
from storeday.feeds.xml_stream import TRUE, Element, Fields, NotRead, elements, formed, is_flagged, line_of, minor_in
from storeday.model.errors import FileRejected
from storeday.model.guarantees import Guarantees
from storeday.model.tables import LINES, RECEIPTS, REFUND, SALE, TENDERS, UTC, Tables, empty_tables

Moment = TypeVar("Moment", bound=date)

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+\.xml")
_TILL: Final = (r"[A-Za-z0-9_-]{1,12}", "a till's code")
_NUMBER: Final = (r"[0-9]{1,12}", "a running number in digits")
_LINE: Final = (r"[0-9]{1,6}", "a line's number")
_CODE: Final = (r"\S(.{0,62}\S)?", "a code of at most 64 characters")
_DAY: Final = (r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", "a date like 2026-11-22")
_LOCAL: Final = (_DAY[0] + r"T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?", "a local time like 2026-11-22T14:06:31")

_IX: Final = "{http://www.nrf-arts.org/IXRetail/namespace/}"
_ACS: Final = "{http://www.ncr.com/rsd/acs/tlog/markup/poslog/2.1}"
_RETAIL, _CONTROL, _LINE_ITEM = (_IX + tag for tag in ("RetailTransaction", "ControlTransaction", "LineItem"))
_SALE, _TAX, _TENDER, _REWARD = (_IX + tag for tag in ("Sale", "Tax", "Tender", "LoyaltyReward"))
_DAY_HINT: Final = re.compile(rb"<BusinessDayDate>([0-9-]{10})</BusinessDayDate>")
_TAX_FLAG: Final = re.compile(r"Tax[0-9]+")
_NO_TAX: Final = "NOTAX"


class PoslogNcr:
    """POSLog of NCR ACS 2.1. Tax is told per receipt, not per line; a till's close (Z) is not in the files."""

    name = "poslog-ncr"
    guarantees = Guarantees(line_arithmetic=False, tax_by_class=False, z=False)

    def is_mine(self, name: str) -> bool:
        """Any name in plain letters that ends in ``.xml``."""
        return _NAME.fullmatch(name) is not None

    def marker_of(self, name: str) -> str:
        """The same name with ``.ok`` in place of ``.xml``."""
        return name.removesuffix(".xml") + ".ok"

    def day_hint(self, name: str, content: bytes, rules: ReadingRules) -> date | None:  # noqa: ARG002
        """The first business day that the text holds."""
        found = _DAY_HINT.search(content)
        try:
            return date.fromisoformat(found[1].decode()) if found else None
        except ValueError:
            return None

    def read_marker(self, name: str, content: bytes) -> Marker:
        """The marker; only its file and sha256 must be there."""
        return parse_marker(name, content)

    def read(self, name: str, content: bytes, rules: ReadingRules) -> ReadFile:
        """The whole file, or FileRejected with line and receipt."""
        rows = _Rows(rules)
        try:
            for transaction in elements(content, root=_IX + "POSLog", tag=_IX + "Transaction"):
                rows.add(transaction)
        except NotRead as fault:
            raise FileRejected(name, fault.why, line=fault.line, receipt=rows.receipt) from None
        return rows.read_file()


class _Rows:
    """The canonical rows of a file as they come, transaction by transaction."""

    def __init__(self, rules: ReadingRules) -> None:
        self.receipt: str | None = None  # the last one read, for the words of a refusal
        self._store, self._timezone = rules.pos_store_id or rules.store, rules.timezone
        self._currency = ""
        self._receipts: list[tuple[Any, ...]] = []
        self._lines: list[tuple[Any, ...]] = []
        self._tenders: list[tuple[Any, ...]] = []
        self._gross_minor = 0

    def add(self, transaction: Element) -> None:
        """Take in one Transaction. Raises NotRead for what is missing, malformed, foreign or unheard of."""
        self.receipt = None
        head = Fields(transaction)
        number = head.formed(_IX + "SequenceNumber", *_NUMBER)
        till = head.formed(_IX + "WorkstationID", *_TILL)
        self.receipt = f"{number} of till {till}"
        self._check_origin(head)
        day = _real(head, "BusinessDayDate", _DAY, date.fromisoformat)
        at = _real(head, "EndDateTime", _LOCAL, datetime.fromisoformat)
        kind, retail = _kind(head)
        gross_minor = tax_minor = 0
        if retail is not None:
            gross_minor, tax_minor = _total(retail, "TransactionGrandAmount"), _total(retail, "TransactionTaxAmount")
            kind = REFUND if gross_minor < 0 else SALE
            self._add_items(retail, (till, number, day))
        self._gross_minor += gross_minor
        line = line_of(transaction)
        self._receipts.append((till, number, day, at, kind, gross_minor, tax_minor, None, None, line))

    def read_file(self) -> ReadFile:
        """The rows as canonical tables."""
        empty, count = empty_tables(), len(self._receipts)
        receipts = _table(RECEIPTS, self._receipts)  # its times are local yet
        at = RECEIPTS.get_field_index("at")
        tables = Tables(
            receipts=receipts.set_column(at, RECEIPTS.field(at), _in_utc(receipts.column(at), self._timezone)),
            lines=_table(LINES, self._lines),
            tenders=_table(TENDERS, self._tenders),
            z=empty.z,
            ztenders=empty.ztenders,
            counts=empty.counts,
        )
        return ReadFile(tables, records=count, receipts=count, gross_minor=self._gross_minor)

    def _check_origin(self, head: Fields) -> None:
        store = head.text(_IX + "RetailStoreID")
        if store != self._store:
            raise head.wrong(f"a row of another store: RetailStoreID {store[:40]!r}, not {self._store}.")
        currency = head.text(_IX + "CurrencyCode")
        self._currency = self._currency or currency
        if currency != self._currency:
            raise head.wrong(f"amounts in {currency[:10] or 'no currency'} in a file of {self._currency}.")

    def _add_items(self, retail: Element, key: tuple[str, str, date]) -> None:
        for item in retail.iterchildren(_LINE_ITEM):
            for said in item.iterchildren(_SALE, _TAX, _TENDER, _REWARD):  # other items carry no money
                if said.tag == _TENDER:
                    self._tenders.append((*key, _line_number(item), *_tender(Fields(said)), line_of(item)))
                elif row := _LINE_ROWS[said.tag](Fields(said)):
                    self._lines.append((*key, _line_number(item), *row, line_of(item)))


def _line_number(item: Element) -> int:
    number = next(item.iterchildren(_IX + "SequenceNumber"), None)
    if number is None:
        raise NotRead("a LineItem has no SequenceNumber.", line_of(item))
    return int(formed(number, *_LINE))


def _kind(head: Fields) -> tuple[str, Element | None]:
    """What a transaction is, and its RetailTransaction where that carries money."""
    retail, control = head.child(_RETAIL), head.child(_CONTROL)
    if (retail is None) == (control is None):
        raise head.wrong("the Transaction is not one RetailTransaction or one ControlTransaction.")
    if retail is None:
        return "no_sale", None
    if is_flagged(head.element, "TrainingModeFlag"):
        return "training", None
    if is_flagged(head.element, "CancelFlag"):
        return "void", None
    if status := retail.get("TransactionStatus"):
        raise head.wrong(f"TransactionStatus {status[:40]!r}: whether such a sale counts is not known of this dialect.")
    return SALE, retail


def _total(retail: Element, of: str) -> int:
    """One of a sale's Totals, in minor units."""
    said = [total for total in retail.iterchildren(_IX + "Total") if total.get("TotalType") == of]
    if len(said) != 1:
        raise NotRead(f"the sale has {len(said) or 'no'} Total of type {of}, not one.", line_of(retail))
    return minor_in(said[0])


def _item(sale: Fields) -> tuple[Any, ...]:
    """A Sale from the column sku on to tax_minor, the order of model.tables.LINES."""
    departments = [h for h in sale.element.iterchildren(_IX + "MerchandiseHierarchy") if h.get("Level") == "Department"]
    if len(departments) != 1:
        raise sale.wrong(f"the Sale has {len(departments) or 'no'} MerchandiseHierarchy of Level Department, not one.")
    quantity_milli = sale.milli(_IX + "Quantity")
    identity = sale.child(_IX + "POSIdentity")
    named = sale if sale.text(_IX + "ItemID") or identity is None else Fields(identity)
    return (
        named.formed(_IX + ("ItemID" if named is sale else "POSItemID"), *_CODE),
        sale.text(_IX + "Description") or None,
        formed(departments[0], *_CODE),
        -quantity_milli if sale.element.get("ItemType") == "acs:NegativeItem" else quantity_milli,
        sale.minor(_IX + "RegularSalesUnitPrice"),
        0,
        sale.minor(_IX + "ExtendedAmount"),
        _tax_class(sale),
        0,
    )


def _reward(reward: Fields) -> tuple[Any, ...] | None:
    """A LoyaltyReward likewise; None where it is no money or only a sum of others."""
    if reward.text(_ACS + "RewardCategory") != "Monetary" or not is_flagged(reward.element, _ACS + "detailedData"):
        return None
    promotion = reward.formed(_IX + "PromotionID", *_CODE)
    basis = reward.child(_ACS + "RewardBasis")
    rewarded = Fields(basis).text(_ACS + "ItemID") if basis is not None else ""
    gross_minor = reward.minor(_ACS + "ExtendedRewardAmount")
    return (
        rewarded or f"PROMOTION {promotion}",
        f"{reward.text(_ACS + 'RewardType')} promotion {promotion}",
        "REWARD",
        0,
        0,
        -gross_minor,
        gross_minor,
        _tax_class(reward),
        0,
    )


def _tax(tax: Fields) -> tuple[Any, ...]:
    """A Tax likewise: one of it, at the price of the tax."""
    tax_minor = tax.minor(_IX + "Amount")
    name = f"TAX{tax.attribute(_ACS + 'TaxID')}"
    description = tax.element.get(_ACS + "TaxDescription")
    return name, description, "TAX", -1000 if tax_minor < 0 else 1000, abs(tax_minor), 0, tax_minor, name, tax_minor


_LINE_ROWS: Final[dict[str, Callable[[Fields], tuple[Any, ...] | None]]] = {
    _SALE: _item,
    _REWARD: _reward,
    _TAX: _tax,
}


def _tender(tender: Fields) -> tuple[str, int]:
    """A Tender's code and its amount with its sign."""
    card = tender.child(_IX + "CreditDebit")
    scheme = (card.get(_ACS + "CreditDescription") or card.get("CardType")) if card is not None else None
    code = (scheme or tender.attribute("TenderType")).rpartition(":")[2].upper()  # NCR's own types say acs:
    if not re.fullmatch(_CODE[0], code):
        raise tender.wrong(f"the tender {code[:60]!r} is not {_CODE[1]}.")
    return code, tender.minor(_IX + "Amount")


def _tax_class(fields: Fields) -> str:
    itemizers = fields.child(_ACS + "Itemizers")
    return _NO_TAX if itemizers is None else _flagged_taxes(tuple(itemizers.items()))


@lru_cache(maxsize=1024)
def _flagged_taxes(attributes: tuple[tuple[str, str], ...]) -> str:
    flagged = sorted(name.upper() for name, says in attributes if _TAX_FLAG.fullmatch(name) and says in TRUE)
    return "+".join(flagged) or _NO_TAX


def _real(head: Fields, tag: str, form: tuple[str, str], parse: Callable[[str], Moment]) -> Moment:
    """A date or time that exists: 31 February has the form of one and isn't."""
    text = head.formed(_IX + tag, *form)
    try:
        return parse(text)
    except ValueError:
        raise head.wrong(f"{tag} {text!r} is not {form[1]}: there is no such day or time.") from None


def _in_utc(local: pa.ChunkedArray, timezone: str) -> pa.Array:
    """Local times in UTC: the first of an ambiguous hour, and forward out of a skipped one."""
    wall = pd.Series(local.cast(pa.timestamp("us")).to_numpy())
    is_first = np.ones(len(wall), dtype=bool)
    moments = wall.dt.tz_localize(timezone, ambiguous=is_first, nonexistent="shift_forward").dt.tz_convert("UTC")
    return pa.array(moments).cast(UTC)


def _table(schema: pa.Schema, rows: list[tuple[Any, ...]]) -> pa.Table:
    columns: Iterable[tuple[Any, ...]] = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.table(
        [pa.array(values, field.type) for field, values in zip(schema, columns, strict=True)], schema=schema
    )
