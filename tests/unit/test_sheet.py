"""The sheet as a bookkeeper reads it: each figure that is needed to sign, the reasons of what waits, the way into Sage.

The figures are those of the worked example of docs/postings.md, and are worked out there by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from lxml import html
from shops import COMPANY, MAPPINGS, OpenShop, Shop
from storeday.model.guarantees import Guarantees
from storeday.model.storage import MANIFEST
from storeday.sage50.sheet import sheet_of
from tills import DAY, Line, Till, refund, sale, z

PROFILES = ("bank_receipts", "takings_customer", "journal")
ALL_CODES = "sage: {journal_vat_codes: [T0, T1, T2, T5]}\n"
MOVED = MAPPINGS.replace("GIFTCARD: voucher}", "GIFTCARD: voucher, PAIDOFF: customer}\n  movements: {TIPS: 2230}")

Rows = list[tuple[str, ...]]
Example = Callable[[str], "Page"]


class Page:
    """One batch's sheet, taken apart, and its manifest."""

    def __init__(self, text: str, manifest: dict[str, Any]) -> None:
        self.text, self.manifest = text, manifest
        self.tree = html.fromstring(text)

    @staticmethod
    def of(shop: Shop, nth: int = 0) -> Page:
        folders = sorted(
            (shop.home / "outbox" / "corner-shops" / DAY.isoformat()).iterdir(), key=lambda f: f.stat().st_mtime_ns
        )
        manifest = json.loads((folders[nth] / MANIFEST).read_text())
        return Page((folders[nth] / "sheet.html").read_text(), manifest)

    def but(self, **other: object) -> Page:
        """The sheet of the same batch, its manifest saying something else."""
        said = {**self.manifest, "files": {n: f for n, f in self.manifest["files"].items() if n != "sheet.html"}}
        return Page(sheet_of({**said, **other}), {**said, **other})

    def table(self, title: str) -> Rows:
        """The rows of the table under a heading, its column names first."""
        (heading,) = self.tree.xpath("//h2[starts-with(., $title)]", title=title)
        rows = heading.xpath("following-sibling::table[1]//tr")
        return [tuple(cell.text_content() for cell in row.xpath("th|td")) for row in rows]

    @property
    def titles(self) -> list[str]:
        return [heading.text_content() for heading in self.tree.xpath("//h2")]

    @property
    def proofs(self) -> list[str]:
        """What the green box says."""
        return [" ".join(span.text_content().split()) for span in self.tree.xpath("//div[@class='ok']/span")]

    @property
    def steps(self) -> list[str]:
        return [" ".join(step.text_content().split()) for step in self.tree.xpath("//li")]


def worked_example(open_shop: OpenShop, profile: str) -> Shop:
    """S01 is the worked example; S02's tender is 0.20 short; S03 sent nothing."""
    company = COMPANY.replace("bank_receipts", profile) + (ALL_CODES if profile == "journal" else "")
    shop = open_shop("S01", "S02", "S03", company=company)
    till = Till("S01")
    shop.send(
        till.slice(
            "09:00",
            sale("1200.00", tender={"CASH": "300.00", "VISA": "900.00"}),
            sale("105.00", tax_class="RED"),
            sale("250.00", tax_class="ZERO"),
            refund("24.00"),
            z(counted="629.50"),
        )
    )
    shop.send(Till("S02").slice("09:00", sale("12.60", tender={"CASH": "12.40"}), z()))
    shop.run()
    return shop


@pytest.fixture(scope="module")
def example(open_shop: OpenShop) -> Example:
    pages: dict[str, Page] = {}

    def once(profile: str) -> Page:
        if profile not in pages:
            pages[profile] = Page.of(worked_example(open_shop, profile))
        return pages[profile]

    return once


@pytest.mark.parametrize("profile", PROFILES)
def test_every_figure_of_the_worked_example_stands_on_the_sheet(profile: str, example: Example) -> None:
    page = example(profile)

    takings, money, short = (page.table(t) for t in ("Takings", "Where the money went", "Counted over or short"))

    assert takings == [
        ("Store", "Receipts", "Sales", "Refunds", "Takings", "VAT T1", "VAT T5", "Net sales"),
        ("S01 Shop S01", "4", "1,555.00", "-24.00", "1,531.00", "196.00", "5.00", "1,330.00"),
    ]
    assert page.table("VAT by code") == [
        ("Code", "Net", "VAT", "Together"),
        ("T0", "250.00", "0.00", "250.00"),
        ("T1", "980.00", "196.00", "1,176.00"),
        ("T5", "100.00", "5.00", "105.00"),
        ("All", "1,330.00", "201.00", "1,531.00"),
    ]
    assert money == [
        ("Store", "CASH → 1230", "VISA → 1250", "Takings"),
        ("S01", "631.00", "900.00", "1,531.00"),
    ]
    assert short == [
        ("Store", "Tender", "Banked in", "Taken", "Counted and banked", "To 8206"),
        ("S01", "CASH", "1230", "631.00", "629.50", "1.50 short"),
    ]


@pytest.mark.parametrize(
    ("profile", "accounts"),
    [
        ("bank_receipts", ["✓ Till control 1235 ends at 0.00"]),
        ("takings_customer", ["✓ Till control 1235 ends at 0.00", "✓ Customer TAKINGS ends at 0.00"]),
        ("journal", ["✓ Till control 1235 ends at 0.00"]),
    ],
)
def test_the_proofs_stand_on_top_and_store_by_store(profile: str, accounts: list[str], example: Example) -> None:
    page = example(profile)

    columns, first = page.table("Proof, from the rows alone")

    rows = str(page.manifest["store_days"][0]["rows"])
    boxes = "box 1 (VAT on sales) 201.00 · box 6 (net sales) 1,330.00 · box 4 (VAT on purchases) 0.00"
    assert page.proofs == [
        *accounts,
        f"✓ VAT proof {boxes} · box 7 (net purchases) 0.00",
        f"✓ Rows checked, and rehearsed in a stand-in Sage {rows}",
    ]
    assert columns[-4:] == (
        "Box 1 (VAT on sales)",
        "Box 6 (net sales)",
        "Box 4 (VAT on purchases)",
        "Box 7 (net purchases)",
    )
    assert (*first[:3], *first[-4:]) == ("S01", "S01-261122", rows, "201.00", "1,330.00", "0.00", "0.00")
    assert set(first[3:-4]) == {"0.00"}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_store_that_waits_is_listed_with_its_reason_its_money_and_what_to_do(profile: str, example: Example) -> None:
    columns, held, absent = example(profile).table("Not in this batch")

    assert columns == ("Store", "Why, and what to do", "Takings so far")
    assert held[0] == "S02 Shop S02"
    assert held[1].splitlines() == [
        "held: tenders do not sum to the receipt: 1 of 1 receipts, out by -0.20 in all",
        "till 01 receipt 000001 at 09:00   receipt 12.60   tenders CASH 12.40  S02_20261122T0900.csv line 2",
        "Ask the store for a corrected file.",
    ]
    assert held[2] == "12.60"
    assert absent == (
        "S03 Shop S03",
        "expected: nothing of the day has come. See that the store's tills send their files.",
        "",
    )


def test_a_hold_that_a_person_may_end_says_where_that_is_done(example: Example) -> None:
    page = example("bank_receipts")
    held, absent = page.manifest["waiting"]
    reasons = [{**reason, "ends_by": "release"} for reason in held["reasons"]]

    rows = page.but(waiting=[{**held, "reasons": reasons}, absent]).table("Not in this batch")

    assert rows[1][1].splitlines()[-1] == "What a person may decide: storeday hold show S02 2026-11-22"
    assert "storeday hold" not in rows[2][1]


def test_a_day_that_was_rolled_back_says_by_whom_and_why(example: Example) -> None:
    page = example("bank_receipts")
    (day,) = page.manifest["store_days"]
    decided = {"kind": "rollback", "check": "", "why": "posted to the wrong company", "by": "Ann Smith"}

    taken_back = {**day, "revision": 2, "staged_gross": "-1531.00", "decisions": [decided]}
    marks = page.but(store_days=[taken_back]).tree.xpath("//p[@class='mark']")

    assert [mark.text_content() for mark in marks] == [
        "S01 Shop S01 is rolled back by Ann Smith: posted to the wrong company. This batch takes out of Sage what was "
        "delivered of the day, sales of -1,531.00."
    ]


def test_the_steps_of_bank_receipts_end_with_the_control_account_and_the_vat_return(example: Example) -> None:
    steps = example("bank_receipts").steps

    assert steps == [
        "Take a backup: File, Back Up. Do not open the files in a spreadsheet first: it drops leading zeros and "
        "changes dates.",
        "File, Import, Audit Trail transactions - Grouped, Comma-separated; tick First row contains headings.",
        "Browse to transactions.csv (7 rows, sales 1,531.00). Next, Finish.",
        "Import each file once. Sage does not notice a second time: the takings would stand there twice.",
        "Nominal 1235 (till control) must show the balance that it had before.",
        "The VAT return of the period moves by 201.00 in box 1 (VAT on sales) and 1,330.00 in box 6 (net sales), and "
        "in nothing else.",
    ]


def test_the_steps_of_a_takings_customer_ask_for_the_allocation_that_no_import_can_do(example: Example) -> None:
    steps = example("takings_customer").steps

    asked = [step for step in steps if "allocate" in step]

    assert asked == [
        "Customer TAKINGS must show the balance that it had before. Then allocate by hand, since allocated receipts "
        "can't be imported: Customers, Customer receipt, TAKINGS; set the receipts on account (SA) and credits (SC) of "
        "this batch against its invoices (SI) and payments (SP)."
    ]


def test_the_steps_of_journals_allocate_nothing(example: Example) -> None:
    steps = example("journal").steps

    assert [step for step in steps if "allocate" in step.lower()] == []
    assert "Each store has one journal, reference as in the proof above; its debits are its credits." in steps


def test_records_that_rows_need_are_imported_before_them(example: Example) -> None:
    page = example("bank_receipts")
    files = {name: file for name, file in page.manifest["files"].items() if name != "sheet.html"}

    steps = page.but(files={**files, "products.csv": {"sha256": "ab"}, "customers.csv": {"sha256": "cd"}}).steps

    assert steps[1:3] == [
        "File, Import, Customer records, Comma-separated; tick First row contains headings. Browse to customers.csv, "
        "Next, Finish.",
        "File, Import, Product records, Comma-separated; tick First row contains headings. Browse to products.csv, "
        "Next, Finish.",
    ]
    assert steps[3].startswith("File, Import, Audit Trail transactions - Grouped")


def test_a_customer_that_another_batch_brings_is_named_before_the_rows_that_need_it(example: Example) -> None:
    page = example("bank_receipts")
    day = page.manifest["store_days"][0]
    sold = {"account": "CAFE001", "customer": "C001", "charged": "5.00", "paid_off": "0.00"}
    files = {name: file for name, file in page.manifest["files"].items() if name != "sheet.html"}

    alone = page.but(store_days=[{**day, "accounts": [sold]}]).steps
    brings = page.but(
        store_days=[{**day, "accounts": [sold]}], files={**files, "customers.csv": {"sha256": "cd"}}
    ).steps

    assert alone[1] == (
        "In Sage there must be CAFE001. Where Sage says that a customer does not exist, another new batch brings it: "
        "import the customers.csv of all new batches first."
    )
    assert not any(step.startswith("In Sage there must be") for step in brings)


def test_the_sheet_says_nothing_but_what_the_manifest_says(example: Example) -> None:
    page = example("bank_receipts")

    again = page.but()

    assert again.text == page.text


def test_every_file_stands_there_with_its_digest(example: Example) -> None:
    page = example("bank_receipts")

    files = page.table("Files")

    digest = page.manifest["files"]["transactions.csv"]["sha256"]
    assert files == [
        ("transactions.csv", "7 rows", f"sha256 {digest}"),
        ("mapping in force", "", f"sha256 {page.manifest['mapping']['sha256']}"),
    ]
    assert "Made of 1 file of the tills; manifest.json has the name and SHA-256 of each." in page.text


def test_the_irish_sheet_names_no_box_of_the_british_return(example: Example) -> None:
    irish = example("bank_receipts").but(edition="sage50-ie")

    assert not re.search(r"\bbox", irish.tree.text_content().lower())
    assert irish.proofs[1].startswith("✓ VAT proof VAT on sales 201.00 · net sales 1,330.00")
    assert irish.steps[-1] == (
        "The VAT return of the period moves by 201.00 in VAT on sales and 1,330.00 in net sales, and in nothing else."
    )


def test_what_the_tills_files_cannot_prove_is_said_with_the_stores(example: Example) -> None:
    page = example("bank_receipts")
    (day,) = page.manifest["store_days"]
    no_z, no_numbers = Guarantees(z=False).not_given(), Guarantees(sequence=False, z=False).not_given()
    days = [{**day, "not_provable": no_z}, {**day, "store": "S09", "not_provable": no_numbers}]

    said = page.but(store_days=days).table("Not checked")

    assert said == [
        ("What", "Stores"),
        ("that a till's close agrees with its receipts", "S01, S09"),
        ("that no receipt is missing", "S09"),
    ]
    assert day["not_provable"] == []


def test_a_late_receipt_is_called_a_correction_with_what_is_new_in_this_batch(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    shop.send(till.slice("09:00", sale("24.00"), z()))
    shop.run()
    shop.send(till.slice("11:00", sale("12.00", tender="VISA"), z()))
    shop.run()

    page = Page.of(shop, nth=1)

    assert page.table("Takings") == [
        ("Store", "Receipts", "Sales", "Refunds", "Takings", "VAT T1", "Net sales", "In this batch"),
        ("S01 Shop S01", "2", "36.00", "0.00", "36.00", "6.00", "30.00", "12.00"),
    ]
    assert [mark.text_content() for mark in page.tree.xpath("//p[@class='mark']")] == [
        "S01 Shop S01: correction 1. What was delivered of the day before stays; here is only what changed since, "
        "sales of 12.00."
    ]
    assert page.proofs[1].startswith("✓ VAT proof box 1 (VAT on sales) 2.00 · box 6 (net sales) 10.00")


def test_a_day_that_is_locked_says_under_which_date_it_stands_in_sage(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=COMPANY + "lock_date: 2026-11-30\nlocked_days: first_open_day\n")
    shop.send(Till("S01").slice("09:00", sale("24.00"), z()))
    shop.run()

    marks = [mark.text_content() for mark in Page.of(shop).tree.xpath("//p[@class='mark']")]

    assert marks == [
        "S01 Shop S01 is dated 1 Dec 2026 in Sage, the first day after the lock date; its rows name the true day."
    ]


@pytest.fixture(scope="module")
def odd_day(open_shop: OpenShop) -> Page:
    """Rounded cash, gift cards, accounts, tips, a receipt sent twice, and a name that would run in a browser."""
    shop = open_shop(
        S01='name: "<script>alert(1)</script> Zoë\'s"\ntolerances: {cash_rounding: "0.02"}', mappings=MOVED
    )
    till = Till("S01")
    nine = till.slice(
        "09:00",
        sale("9.98", tax_class="ZERO", tender={"CASH": "10.00"}),
        sale(Line("25.00", tax_class="OUT", category="GIFTCARD"), tender="VISA"),
        sale("18.00", tax_class="ZERO", tender={"GIFT": "10.00", "VISA": "8.00"}),
        sale("48.00", tax_class="ZERO", tender="ACCOUNT", customer="C001"),
        sale(Line("30.00", tax_class="OUT", category="PAIDOFF"), tender="VISA", customer="C001"),
        sale(Line("3.00", tax_class="OUT", category="TIPS"), tender="VISA"),
        z(counted="10.50"),
    )
    shop.send(nine)
    ran, said = shop.run()
    assert not ran.faults, said
    return Page.of(shop)


def test_gift_cards_money_moved_and_accounts_are_told_apart_from_sales(odd_day: Page) -> None:
    takings = dict(zip(*odd_day.table("Takings"), strict=True))

    assert (takings["Takings"], takings["Not sales"], takings["Net sales"]) == ("133.98", "58.00", "75.98")
    assert odd_day.table("Gift cards and money moved") == [
        ("Store", "Gift cards redeemed → 2150", "Gift cards sold → 2150", "TIPS → 2230"),
        ("S01", "10.00", "25.00", "3.00"),
    ]
    assert odd_day.table("Customers' accounts") == [
        ("Store", "Customer in Sage", "At the tills", "Sold on account", "Paid off"),
        ("S01", "CAFE001", "C001", "48.00", "30.00"),
    ]
    assert "Allocate by hand in Customers, Customer receipt what CAFE001 paid off (SA)." in odd_day.steps


def test_cash_rounding_is_listed_with_its_receipts_and_where_it_goes(odd_day: Page) -> None:
    money = dict(zip(*odd_day.table("Where the money went"), strict=True))

    rounded = odd_day.table("Cash rounding, to 8207")

    assert rounded == [("Store", "Till", "Receipt", "Rounded by"), ("S01", "01", "000001", "0.02")]
    assert money == {
        "Store": "S01",
        "ACCOUNT → customers": "48.00",
        "CASH → 1230": "10.00",
        "GIFT → 2150": "10.00",
        "VISA → 1250": "66.00",
        "Less rounding → 8207": "0.02",
        "Takings": "133.98",
    }


def test_a_name_is_told_as_it_stands_in_sage_and_never_runs(odd_day: Page) -> None:
    names = odd_day.table("Names as they stand in Sage")

    assert names[1] == ("<script>alert(1)</script> Zoë's", "<script>alert(1)</script> Zoe's")
    assert odd_day.tree.xpath("//script") == []


def test_a_warning_stands_with_its_amount_in_a_column_of_its_own(odd_day: Page) -> None:
    (day,) = odd_day.manifest["store_days"]
    off = {"till": "01", "receipt": "000003", "sku": "10001", "tax_code": "T1", "gross": "5.88", "tax": "0.97"}
    differences = {"found": 14, "of": 1_508, "sum": "-0.14", "listed": [{**off, "by_rate": "0.98"}]}
    warned = {
        **day,
        "warnings": [{"what": "look", "amount": "-24.00"}],
        "tax_differences": differences,
        "duplicates": 2,
    }

    looks = odd_day.but(store_days=[warned]).table("Worth a look")

    assert looks == [
        ("Store", "What", "Amount"),
        ("S01", "look", "-24.00"),
        (
            "S01",
            "VAT of 14 of 1,508 lines is not what the rate gives; the tills' is posted. First: till 01 receipt 000003 "
            "10001 0.97, by the rate 0.98",
            "-0.14",
        ),
        ("S01", "2 receipts came twice and count once", ""),
    ]


def test_files_that_were_cut_are_imported_one_after_the_other(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02", company=COMPANY + "rows_a_file: 3\n")
    for store in ("S01", "S02"):
        shop.send(Till(store).slice("09:00", sale("24.00"), z()))
    shop.run()

    page = Page.of(shop)

    assert page.steps[2:4] == [
        "Browse to transactions-1.csv (3 rows, sales 24.00). Next, Finish. Then import the next file the same way, in "
        "this order.",
        "Browse to transactions-2.csv (3 rows, sales 24.00). Next, Finish.",
    ]
    assert [row[0] for row in page.table("Files")] == ["transactions-1.csv", "transactions-2.csv", "mapping in force"]
    assert len(shop.rows()) == 6
