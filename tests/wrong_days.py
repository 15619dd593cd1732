"""Store-days that are wrong in one way each: the files that a store sends, and all that is said of its day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from textwrap import dedent

from tills import DAY, Slice, Till, no_money, refund, sale, z

BEFORE = DAY - timedelta(days=1)


@dataclass(frozen=True)
class Waits:
    """A store with one fault: the files it sends, and all that is said of its store-day, line by line."""

    store: str
    files: Callable[[Till], list[Slice]]
    says: str
    settings: str = ""

    @property
    def lines(self) -> list[str]:
        """What a shop manager reads."""
        return dedent(self.says).strip("\n").splitlines()


def one(*changes: tuple[str, dict[str, str]]) -> Callable[[Till], list[Slice]]:
    """A file of two sales and a Z, with cells of the first row of some records changed."""

    def files(till: Till) -> list[Slice]:
        part = till.slice("09:00", sale("12.60", tax_class="ZERO"), sale("3.00"), z())
        for record, cells in changes:
            part = part.changed(record, **cells)
        return [part]

    return files


def conflict(till: Till) -> list[Slice]:
    """The same receipt in two overlapping files, with another content in the second."""
    nine = till.slice("09:00", sale("12.60", tax_class="ZERO"), sale("3.00", at="09:40"), z(at="09:50"))
    again = till.skip(-1).slice("09:30", sale("3.60", at="09:40"))
    return [nine, again]


def gap_from_the_day_before(till: Till) -> list[Slice]:
    """Receipt 000003 and Z 0002 are in no file."""
    till.day = BEFORE
    first = till.slice("17:00", sale("12.60"), sale("3.00"), z())
    till.skip().day, till.z_number = DAY, 3
    return [first, till.slice("09:00", sale("4.00"), z())]


HELD = {
    "lines that do not sum to their receipt": Waits(
        "LINESUM",
        one(("LINE", {"gross": "12.40"})),
        """
    LINESUM 2026-11-22 held: lines do not sum to the receipt
      1 of 2 receipts, out by -0.20 in all
      till 01 receipt 000001 at 09:00   receipt 12.60   tenders CASH 12.60   lines 12.40  LINESUM_20261122T0900.csv line 2
      Ask the store for a corrected file.
    """,  # noqa: E501
    ),
    "line taxes that do not sum to the receipt's": Waits(
        "TAXSUM",
        one(("RECEIPT", {"tax": "0.02"}), ("Z", {"tax": "0.52"})),
        """
    TAXSUM 2026-11-22 held: tax of the lines does not sum to the receipt's tax
      1 of 2 receipts, out by -0.02 in all
      till 01 receipt 000001 at 09:00   receipt 12.60   tenders CASH 12.60   tax 0.02, of its lines 0.00  TAXSUM_20261122T0900.csv line 2
      Ask the store for a corrected file.
    """,  # noqa: E501
    ),
    "tenders that do not sum to their receipt": Waits(
        "TENDSUM",
        one(("TENDER", {"amount": "12.40"})),
        """
    TENDSUM 2026-11-22 held: tenders do not sum to the receipt
      1 of 2 receipts, out by -0.20 in all
      till 01 receipt 000001 at 09:00   receipt 12.60   tenders CASH 12.40  TENDSUM_20261122T0900.csv line 2
      Ask the store for a corrected file.
    """,
    ),
    "a tax that does not fit its class": Waits(
        "TAXCLASS",
        one(("LINE", {"tax_class": "STD"})),
        """
    TAXCLASS 2026-11-22 held: tax does not fit its class
      1 of 2 tax amounts, out by -2.10 in all
      till 01 receipt 000001 10001 STD   tax 0.00 on 12.60, the rate gives 2.10  TAXCLASS_20261122T0900.csv line 3
      Check the till's rate for the class, and the class's rate in mappings.yaml.
    What a person may decide: storeday hold show TAXCLASS 2026-11-22
    """,
    ),
    "codes that are mapped nowhere": Waits(
        "CODES",
        lambda till: [
            till.slice(
                "09:00",
                sale("12.60", tax_class="LUXURY"),
                sale("3.00", category="FISH"),
                sale("4.00", "1.00", sku="99999"),
                sale("5.00", tender="BITCOIN"),
                sale("6.00", tender="ACCOUNT", customer="C777"),
                z(),
            )
        ],
        """
    CODES 2026-11-22 held: codes that are not mapped
      5 of 12 codes
      SKU 99999: 2 times, 5.00
      category FISH: 1 time, 3.00
      customer C777: 1 time, 6.00
      tax class LUXURY: 1 time, 12.60
      tender BITCOIN: 1 time, 5.00
      Add them to mappings.yaml (SKUs to skus.csv, tills to the store's file) and run the day again.
      To paste at the end of mappings.yaml, with Sage's code in place of each fill-in:
    - valid_from: 2026-11-22
      why: fill-in
      tax_classes:  # Sage's tax code and its rate in per cent
        LUXURY: {code: fill-in, rate: fill-in}  # 1 time, 12.60
      categories:  # a sales nominal, or voucher, customer, spread
        FISH: fill-in  # 1 time, 3.00
      tenders:  # a deposit nominal, or voucher, customer
        BITCOIN: fill-in  # 1 time, 5.00
      customers:  # an account in Sage
        C777: fill-in  # 1 time, 6.00
      To paste at the end of skus.csv, for a new article:
    99999
      Or at the end of sku_aliases.csv, with the article's SKU in place of fill-in, for one that has a SKU:
    store,code,sku
    CODES,99999,fill-in
    """,
    ),
    "an account sale of nobody": Waits(
        "NOBODY",
        lambda till: [till.slice("09:00", sale("6.00", tender="ACCOUNT"), z())],
        """
    NOBODY 2026-11-22 held: codes that are not mapped
      1 of 7 codes
      customer (none): 1 time, 6.00
      Add them to mappings.yaml (SKUs to skus.csv, tills to the store's file) and run the day again.
    """,
    ),
    "a till that is in no settings": Waits(
        "NEWTILL",
        lambda till: [
            till.slice("09:00", sale("12.60"), z()),
            Till(till.store, "77").slice("10:00", sale("3.00"), refund("1.00"), z()),
        ],
        """
    NEWTILL 2026-11-22 held: codes that are not mapped
      1 of 7 codes
      till 77: 2 times, 2.00
      Add them to mappings.yaml (SKUs to skus.csv, tills to the store's file) and run the day again.
      To paste in place of tills in stores/NEWTILL.yaml, if the till is the store's:
    tills: ["01", "77"]  # 77: 2 times, 2.00
    """,
    ),
    "a till that sent nothing": Waits(
        "SILENT",
        lambda till: [till.slice("09:00", sale("12.60"), z())],
        """
    SILENT 2026-11-22 held: tills that sent nothing
      1 of 2 tills
      till 02
      Wait for their files; a till that is gone for good comes out of the store's settings.
    What a person may decide: storeday hold show SILENT 2026-11-22
    """,
        settings='tills: ["01", "02"]',
    ),
    "one receipt with two contents": Waits(
        "CONFLICT",
        conflict,
        """
    CONFLICT 2026-11-22 held: one receipt number with two contents
      2 of 3 receipts
      till 01 receipt 000002 at 09:40   receipt 3.00   tenders CASH 3.00  CONFLICT_20261122T0900.csv line 5
      till 01 receipt 000002 at 09:40   receipt 3.60   tenders CASH 3.60  CONFLICT_20261122T0930.csv line 2
      Ask the store which of the two is right; both files are kept.
    CONFLICT 2026-11-22 held: the Z's gross is not that of its receipts
      1 of 1 Zs, out by -3.60 in all
      till 01 Z 0001   gross 15.60 less 19.20 of its receipts   tax 0.50 less 1.10 of its receipts   it counts -1 receipts
      Receipts are missing or doubled: ask the store for the day's files again.
    CONFLICT 2026-11-22 held: the Z's tax is not that of its receipts
      1 of 1 Zs, out by -0.60 in all
      till 01 Z 0001   gross 15.60 less 19.20 of its receipts   tax 0.50 less 1.10 of its receipts   it counts -1 receipts
      Receipts are missing or doubled: ask the store for the day's files again.
    CONFLICT 2026-11-22 held: the Z counts other receipts than came
      1 of 1 Zs
      till 01 Z 0001   gross 15.60 less 19.20 of its receipts   tax 0.50 less 1.10 of its receipts   it counts -1 receipts
      Receipts are missing or doubled: ask the store for the day's files again.
    What a person may decide: storeday hold show CONFLICT 2026-11-22
    """,  # noqa: E501
    ),
    "a gap in a day's receipt numbers": Waits(
        "GAP",
        lambda till: [
            till.slice("09:00", sale("12.60")),
            till.skip(2).slice("10:00", sale("3.00")),
            till.skip(1).slice("11:00", sale("4.00"), z()),
        ],
        """
    GAP 2026-11-22 held: receipt numbers are missing
      1 of 1 tills
      till 01   receipt 000002, 000003, 000005 missing
      Wait for the file with them, or ask the store to send it again.
    What a person may decide: storeday hold show GAP 2026-11-22
    """,
    ),
    "a receipt number out of all bounds": Waits(
        "FAR",
        lambda till: [
            till.slice("09:00", sale("12.60"), sale("3.00")),
            Till(till.store, first=400_000_000_000).slice("10:00", sale("4.00")),
        ],
        """
    FAR 2026-11-22 held: receipt numbers are missing
      1 of 1 tills
      till 01   receipt 000000000003, 000000000004, 000000000005, 000000000006, 000000000007 and 399,999,999,992 more missing   3 receipts after its last Z
      Wait for the file with them, or ask the store to send it again.
    FAR 2026-11-22 held: receipts after the till's last Z
      1 of 1 tills
      till 01   receipt 000000000003, 000000000004, 000000000005, 000000000006, 000000000007 and 399,999,999,992 more missing   3 receipts after its last Z
      Wait for the till's Z, or ask the store to close the till.
    What a person may decide: storeday hold show FAR 2026-11-22
    """,  # noqa: E501
    ),
    "a gap from one day to the next": Waits(
        "NEXTDAY",
        gap_from_the_day_before,
        """
    NEXTDAY 2026-11-22 held: receipt numbers are missing
      1 of 1 tills
      till 01   receipt 000003 missing   Z 0002 missing
      Wait for the file with them, or ask the store to send it again.
    NEXTDAY 2026-11-22 held: Z numbers are missing
      1 of 1 tills
      till 01   receipt 000003 missing   Z 0002 missing
      A missing Z number is a missing file: ask the store to send it again.
    What a person may decide: storeday hold show NEXTDAY 2026-11-22
    """,
    ),
    "a Z that disagrees": Waits(
        "BADZ",
        one(("Z", {"gross": "15.50", "quantity": "3"})),
        """
    BADZ 2026-11-22 held: the Z's gross is not that of its receipts
      1 of 1 Zs, out by -0.10 in all
      till 01 Z 0001   gross 15.50 less 15.60 of its receipts   it counts +1 receipts
      Receipts are missing or doubled: ask the store for the day's files again.
    BADZ 2026-11-22 held: the Z counts other receipts than came
      1 of 1 Zs
      till 01 Z 0001   gross 15.50 less 15.60 of its receipts   it counts +1 receipts
      Receipts are missing or doubled: ask the store for the day's files again.
    What a person may decide: storeday hold show BADZ 2026-11-22
    """,
    ),
    "receipts after the till's last Z": Waits(
        "OPEN",
        lambda till: [till.slice("09:00", sale("12.60"), z(), sale("3.00"), no_money())],
        """
    OPEN 2026-11-22 held: receipts after the till's last Z
      1 of 1 tills
      till 01   2 receipts after its last Z
      Wait for the till's Z, or ask the store to close the till.
    What a person may decide: storeday hold show OPEN 2026-11-22
    """,
    ),
}
