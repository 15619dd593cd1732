"""The feed `lightspeed-k`: sales of Lightspeed Restaurant K-Series, as its Financial API gives them.

Source: pos-formats.md, Lightspeed K-Series; the API's public reference. What is not known: docs/feeds/lightspeed-k.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from storeday.feeds.declared import (
    NONE,
    Constant,
    DeclaredFeed,
    ExportFile,
    FeedSettings,
    FirstFilled,
    Is,
    Lines,
    Money,
    NotZero,
    OffsetTime,
    OneOf,
    Quantity,
    Receipts,
    Tenders,
    Text,
)
from storeday.feeds.declared.rows import Reading, Rows
from storeday.feeds.declared.shape import NO_TAX
from storeday.feeds.declared.sums import Sums
from storeday.feeds.export_bytes import unpacked
from storeday.feeds.json_rows import lines_of, read_json, structs, text_rows
from storeday.feeds.money_text import FINE, fine_of, is_amount
from storeday.model.errors import FileRejected
from storeday.model.guarantees import Guarantees
from storeday.model.sums import round_half_up, sum_by

_LINE_KEYS: Final = (
    "id sku name quantity menuListPrice totalNetAmountWithTax serviceCharge discountAmount accountDiscountAmount "
    "taxCode taxAmount voidReason"
).split()
_PAYMENT_KEYS: Final = "code netAmountWithTax tip surcharge currency".split()
_SALE_KEYS: Final = (
    "accountFiscId type timeClosed timeOfCloseAndPaid timeofCloseAndPaid deviceId deviceName voidReason"
).split()


def _texts(keys: list[str]) -> list[pa.Field]:
    return [pa.field(key, pa.string()) for key in keys]


_GROUP: Final = pa.struct(_texts(["code", "name"]))
_LINE: Final = pa.struct([*_texts(_LINE_KEYS), pa.field("accountingGroup", _GROUP)])
_PAYMENT: Final = pa.struct(_texts(_PAYMENT_KEYS))
_SALE: Final = pa.struct(
    [
        *_texts(_SALE_KEYS),
        pa.field("cancelled", pa.bool_()),
        pa.field("source", pa.struct(_texts(["initialAccountId"]))),
        pa.field("salesLines", pa.list_(_LINE)),
        pa.field("payments", pa.list_(_PAYMENT)),
    ]
)


class LightspeedKSettings(FeedSettings):
    """What the API's answers leave open."""

    service_charge: Literal["apart", "in_line"] = "apart"  # a line of its own without tax, or part of what it is on
    largest_mb: int = Field(default=64, ge=1, le=512)  # unpacked, a file


@dataclass(frozen=True)
class ServiceCharge(Sums):
    """The service charge on a line, where the settings say that it is a line of its own; else 0."""

    money: Money

    def columns(self) -> Any:
        """Its one column."""
        yield from self.money.columns()

    def of(self, rows: Rows) -> Any:
        """Minor units."""
        is_apart = rows.reading.settings.service_charge == "apart"
        return self.money.of(rows) if is_apart else np.zeros(len(rows), dtype=np.int64)


_SALE_OF: Final = Text("sale")
_CHARGE: Final = ServiceCharge(Money("serviceCharge"))
_SOLD: Final = Is("voidReason", ("",))
_TIP: Final = Money("tip")


class LightspeedK(DeclaredFeed):
    """Sales with their lines and payments. A sale has no total of its own: that is what its lines and tips are."""

    name = "lightspeed-k"
    guarantees = Guarantees(lines=False, line_arithmetic=False, sequence=False, z=False)
    settings = LightspeedKSettings
    main = ExportFile("{slice}.json")

    receipts = Receipts(
        receipt=Text("accountFiscId"),
        at=OffsetTime("time"),
        kind=OneOf("type", {"SALE": "sale", "REFUND": "refund"}),
        gross=Money("gross"),
        tax=Money("tax"),
        till=Text("deviceId", empty="", renamed_by="till_names"),
        original=Text("original", required=False),
        location=Text("businessLocationId", optional=True),
        is_void=Is("cancelled", ("true",)),
    )
    lines = (
        Lines(
            of="lines",
            receipt=_SALE_OF,
            sku=FirstFilled((Text("sku", required=False), Text("name", empty=NONE))),
            description=Text("name", required=False, longest=500),
            category=FirstFilled((Text("group code", required=False), Text("group name", empty=NONE))),
            quantity=Quantity("quantity"),
            discount=Money("discountAmount") + Money("accountDiscountAmount"),
            gross=Money("totalNetAmountWithTax") - _CHARGE,
            tax=Money("tax"),
            tax_class=Text("taxCode", empty=NO_TAX),
            rows=_SOLD,
        ),
        Lines(
            of="charges",
            receipt=_SALE_OF,
            category=Constant("SERVICE CHARGE"),
            gross=_CHARGE,
            rows=NotZero(_CHARGE, _SOLD),
        ),
        Lines(of="payments", receipt=_SALE_OF, category=Constant("TIP"), gross=_TIP, rows=NotZero(_TIP)),
    )
    tenders = (
        Tenders(
            of="payments",
            receipt=_SALE_OF,
            tender=Text("code", renamed_by="tender_names"),
            amount=Money("netAmountWithTax") + _TIP,
        ),
    )

    def role_by_header(self, name: str, content: bytes, largest_mb: int = 64) -> ExportFile | None:
        """The one kind of file there is, where this is one."""
        try:
            sales, _ = _sales(name, unpacked(name, content, largest_mb * 1_000_000)[0])
        except FileRejected:
            return None
        return self.main if len(sales) else None

    def open(self, parts: Mapping[str, bytes], reading: Reading) -> dict[str, Rows]:
        """The sales of a file, and their lines and payments. Raises: FileRejected for what is no such answer."""
        ((name, packed),) = parts.items()
        content, said = unpacked(name, packed, reading.common.largest_mb * 1_000_000)
        reading.form.extend(f"{name}: {how}" for how in said)
        sales, location = _sales(name, content)
        lines_at = lines_of(content, b'"accountFiscId"', len(sales))

        def rows(columns: dict[str, Any], owner: Any, receipt: str) -> Rows:
            return Rows(text_rows(name, columns, lines_at[owner], receipt), reading, "point")

        lines, line_owner = _children(sales, "salesLines")
        payments, payment_owner = _children(sales, "payments")
        found = {
            "lines": rows(_line_columns(sales, lines, line_owner), line_owner, "sale"),
            "payments": rows(_with_sale(sales, payments, payment_owner), payment_owner, "sale"),
        }
        _hold_to_no_surcharge(found["payments"])
        every = np.arange(len(sales))
        columns = _sale_columns(sales, location, _totals(found, line_owner, payment_owner, len(sales)))
        return {"": rows(columns, every, "accountFiscId"), "charges": found["lines"], **found}


def _sales(name: str, content: bytes) -> tuple[Any, str | None]:
    """The sales of an answer as structs, and the business location where it is said."""
    said = read_json(name, content)
    answer = {"sales": said} if isinstance(said, list) else said
    if not isinstance(answer, dict) or not isinstance(answer.get("sales"), list):
        raise FileRejected(name, "there is no list of sales in the file.")
    if answer.get("dataComplete") is False:
        why = "it says of itself that the day's data is not complete."
        raise FileRejected(name, why, what_now="Export the day again once all devices are online.")
    location = answer.get("businessLocationId")
    return structs(name, answer["sales"], _SALE, "the sales"), None if location is None else str(location)


def _children(sales: Any, key: str) -> tuple[Any, Any]:
    lists = pc.struct_field(sales, key)
    return pc.list_flatten(lists), pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)


def _with_sale(sales: Any, children: Any, owner: Any) -> dict[str, Any]:
    keys = [field.name for field in children.type if not pa.types.is_nested(field.type)]
    sale = pc.struct_field(sales, "accountFiscId").take(pa.array(owner))
    return {"sale": sale, **{key: pc.struct_field(children, key) for key in keys}}


def _line_columns(sales: Any, lines: Any, owner: Any) -> dict[str, Any]:
    columns = _with_sale(sales, lines, owner)
    for key in ("code", "name"):
        columns[f"group {key}"] = pc.struct_field(pc.struct_field(lines, "accountingGroup"), key)
    columns["tax"] = _pennies_of_tax(columns, owner)
    return columns


def _pennies_of_tax(columns: dict[str, Any], owner: Any) -> Any:
    """The taxes of lines in pennies, as text: a sale's tax of one code is rounded once, half up, and told by line.

    The API says four decimals. Each line has what the running total of its sale and code, rounded, grows by: so
    the lines sum to the rounded total, and none is further than a penny from its own. Text that is no amount is
    left as it is, for the reader to refuse by line.
    """
    texts = columns["taxAmount"]
    counts = pc.equal(pc.fill_null(columns["voidReason"], ""), "").to_numpy(zero_copy_only=False)
    fine_form = pc.fill_null(is_amount(texts, "point"), True)
    fine = fine_of(pc.if_else(fine_form, texts, None), "point") * counts
    codes = pc.fill_null(columns["taxCode"], "").dictionary_encode().indices.to_numpy()
    order = np.lexsort((codes, owner))
    group = np.column_stack((owner, codes))[order]
    starts = np.concatenate(([True], (np.diff(group, axis=0) != 0).any(axis=1))) if len(order) else np.zeros(0, bool)
    running = np.cumsum(fine[order])
    before = np.concatenate(([0], running[:-1])) if len(order) else running
    base = before[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))] if len(order) else before
    rounded = round_half_up(running - base, FINE // 100)
    pennies = np.zeros(len(order), dtype=np.int64)
    pennies[order] = rounded - np.where(starts, 0, np.concatenate(([0], rounded[:-1]))) if len(order) else rounded
    return pc.if_else(fine_form, _as_text(pennies), texts)


def _totals(found: dict[str, Rows], line_owner: Any, payment_owner: Any, size: int) -> dict[str, Any]:
    """Gross and tax of each sale, as text: its lines that were not voided, and its tips."""
    lines, payments = found["lines"], found["payments"]
    counts = _SOLD.of(lines)
    sold, tax = (Money(column).of(lines) * counts for column in ("totalNetAmountWithTax", "tax"))
    gross = sum_by(line_owner, sold, size) + sum_by(payment_owner, _TIP.of(payments), size)
    return {"gross": _as_text(gross), "tax": _as_text(sum_by(line_owner, tax, size))}


def _sale_columns(sales: Any, location: str | None, totals: dict[str, Any]) -> dict[str, Any]:
    columns = {key: pc.struct_field(sales, key) for key in ("accountFiscId", "type", "deviceId")}
    times = [pc.struct_field(sales, key) for key in ("timeClosed", "timeOfCloseAndPaid", "timeofCloseAndPaid")]
    original = pc.struct_field(pc.struct_field(sales, "source"), "initialAccountId")
    is_own = pc.equal(original, columns["accountFiscId"])
    columns |= {
        "time": pc.coalesce(*times),
        "original": pc.if_else(is_own, pa.scalar(None, pa.string()), original),
        "cancelled": pc.fill_null(pc.struct_field(sales, "cancelled"), False).cast(pa.string()),
        **totals,
    }
    return columns if location is None else {**columns, "businessLocationId": pa.array([location] * len(sales))}


def _hold_to_no_surcharge(payments: Rows) -> None:
    if (surcharge := Money("surcharge").of(payments)).any():
        row = int(np.flatnonzero(surcharge)[0])
        raise payments.refuse(row, "a surcharge on a payment: whether the amount beside it holds it is not known.")


def _as_text(minor: Any) -> Any:
    exact = pc.multiply(pa.array(minor, pa.int64()).cast(pa.decimal128(20, 0)), pa.scalar(Decimal("0.01")))
    return exact.cast(pa.string())
