"""Customers and products that Sage doesn't have: brought once, with the first batch that needs them, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from figures import MAPPING
from shops import COMPANY, MAPPINGS, OpenShop, Shop, place, settle
from storeday.config.load import load_settings
from storeday.config.masters import Article, Customer
from storeday.ledger.ledger import DraftOutdated
from storeday.model.errors import SettingsError
from storeday.model.records import RecordKey, RecordKind
from storeday.model.storage import read_bytes
from storeday.model.store_day import State
from storeday.sage50.sandbox.batch_files import files_of, import_file, name_of, rules_of
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.masters import masters_from
from storeday.sage50.uk_record_rules import record_problems_in
from storeday.sage50.uk_records import records_of
from storeday.stages import deliver, stage
from storeday.stages.overview import check_config
from tills import DAY, Till, refund, sale, z

NEXT_DAY = DAY + timedelta(days=1)
CUSTOMERS = "account,name,town,in_sage\nCAFE001,Quayside Café,Durham,no\nTAKINGS,Takings,,yes\n"
ARTICLES = "sku,description,category,tax_class,price,in_sage\n10001,Bread,GROCERY,ZERO,1.20,no\n10002,Milk,,ZERO,,yes\n"
CAFE = RecordKey(RecordKind.CUSTOMER, "CAFE001")
BREAD = RecordKey(RecordKind.PRODUCT, "10001")


# The settings


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("customers", "account,name,in_sage\nTAKINGS,,yes\n", "customers.csv: account: CAFE001, customer C001 of map"),
        ("customers", "account,name,in_sage\nCAFE001,Cafe,no\n", "customers.csv: account: TAKINGS, the takings_custo"),
        ("customers", CUSTOMERS + "CAFE001,Cafe,,yes\n", "customers.csv: account: stands twice: CAFE001"),
        ("customers", CUSTOMERS.replace("Quayside Café", ""), "customers.csv: line 2: name: is empty, and Sage has no"),
        ("customers", CUSTOMERS + "BAR001,Bar,,\n", "customers.csv: line 4: in_sage: is missing"),
        ("customers", CUSTOMERS + "bar001,Bar,,no\n", "customers.csv: line 4: account: String should match pattern"),
        ("customers", CUSTOMERS + f"BAR001,{'B' * 61},,no\n", "customers.csv: line 4: name: String should have at m"),
        ("skus", "sku\n10001\n10002\n", "skus.csv: in_sage: says neither yes nor no, and a product that Sage has wou"),
        ("skus", ARTICLES.replace("GROCERY,ZERO", "GROCERY,"), "skus.csv: tax_class: is in no mapping, and Sage woul"),
        ("skus", ARTICLES.replace("10001", "10 001"), "skus.csv: sku: is no stock code of 1 to 30 letters, digits an"),
    ],
)
def test_a_list_that_could_spoil_a_record_in_sage_is_refused(tmp_path: Path, file: str, text: str, fault: str) -> None:
    company = COMPANY + ("records: [customers, products]\n" if file == "skus" else "")
    config = settle(tmp_path, {"S01": ""}, company=company)
    (config / "corner-shops" / f"{file}.csv").write_text(text)

    with pytest.raises(SettingsError) as caught:
        load_settings(config)

    assert len(caught.value.problems) == 1, caught.value.problems
    assert caught.value.problems[0].startswith(f"corner-shops/{fault}")


# The rules of the written bytes


def of_customer(**said: object) -> dict[str, bytes]:
    customer = Customer.model_validate({"account": "CAFE001", "name": "Cafe", "in_sage": "no", **said})
    return records_of([customer], {}, MAPPING, {}).files()


def of_product(**said: object) -> dict[str, bytes]:
    article = Article.model_validate({"sku": "10001", "tax_class": "ZERO", "in_sage": "no", **said})
    return records_of([], {article.sku: article}, MAPPING, {"ZERO": "T0", "ODD": "T7"}).files()


Spoil = Callable[[bytes], bytes]


def swap(old: bytes, new: bytes) -> Spoil:
    return lambda content: content.replace(old, new, 1)


@pytest.mark.parametrize(
    ("name", "spoil", "fault"),
    [
        ("customers", swap(b"Cafe", b"Caf\xe9"), "line 2: not ASCII"),
        ("customers", swap(b"\r\n", b"\n"), "lines must end in CRLF, the last one too"),
        ("customers", lambda content: content.removesuffix(b"\r\n"), "lines must end in CRLF, the last one too"),
        ("customers", swap(b"A/C,Name", b"Name,A/C"), "line 1: the header is not the layout's"),
        ("customers", lambda content: content[: content.index(b"CAFE")], "has no record"),
        ("customers", lambda content: content + content.splitlines(keepends=True)[1], "A/C CAFE001 stands twice"),
        ("customers", swap(b"CAFE001,", b"CAFE 01,"), "line 2: A/C 'CAFE 01' is not what the column takes"),
        ("customers", swap(b"CAFE001,", b"CAFE00001,"), "line 2: A/C 'CAFE00001' is not what the column takes"),
        ("customers", swap(b"CAFE001,", b","), "line 2: A/C is empty"),
        ("customers", swap(b",Cafe,", b",,"), "line 2: Name is empty"),
        ("customers", swap(b",Cafe,", b",Cafe ,"), "line 2: Name 'Cafe ' is not what the column takes"),
        ("customers", swap(b",Cafe,", b",=Cafe,"), "line 2: Name '=Cafe' begins like a formula"),
        ("customers", swap(b",Cafe,", b",'+Cafe,"), 'line 2: Name "\'+Cafe" begins like a formula'),
        ("customers", swap(b",Cafe,", b',"Ca""fe",'), "line 2: Name 'Ca\"fe' is not what the column takes"),
        ("customers", swap(b",Cafe,", b",Cafe"), "line 2: 30 fields, not 31"),
        ("products", swap(b",T0,", b",,"), "line 2: Tax Code is empty"),
        ("products", swap(b",T0,", b",T100,"), "line 2: Tax Code 'T100' is not what the column takes"),
        ("products", swap(b",T0,", b",T8,"), "line 2: Tax Code T8 is none of the company's"),
        ("products", swap(b"10001,", b"10 01,"), "line 2: Stock Code '10 01' is not what the column takes"),
        ("products", swap(b",T0,,", b",T0,1.2,"), "line 2: Sales Price '1.2' is not what the column takes"),
        ("products", swap(b",T0,,", b",T0,-1.20,"), "line 2: Sales Price '-1.20' is not what the column takes"),
    ],
)
def test_a_written_file_that_sage_might_take_wrongly_is_refused(name: str, spoil: Spoil, fault: str) -> None:
    files = of_customer() if name == "customers" else of_product()
    content = files[f"{name}.csv"]

    found = record_problems_in({f"{name}.csv": spoil(content)}, frozenset({"T0"}))

    assert spoil(content) != content
    assert found[0] == f"{name}.csv {fault}"


def test_a_name_that_grows_when_it_is_spelt_in_ascii_is_refused_and_never_cut() -> None:
    files = of_customer(name="£" * 20)

    found = record_problems_in(files, frozenset())

    assert found == [f"customers.csv line 2: Name {'GBP ' * 19 + 'GBP'!r} is not what the column takes"]


def test_check_config_names_a_record_that_could_never_be_written(tmp_path: Path) -> None:
    config = settle(tmp_path, {"S01": ""})
    (config / "corner-shops" / "customers.csv").write_text(CUSTOMERS.replace("Quayside Café", "£" * 20))

    with pytest.raises(SettingsError) as caught:
        check_config(place(tmp_path))

    assert [problem.partition(" 'GBP")[0] for problem in caught.value.problems] == [
        "corner-shops: as written for Sage, customers.csv line 2: Name"
    ]


# With the first batch that needs them


def trade(shop: Shop, day: date = DAY, store: str = "S01", till: Till | None = None) -> Till:
    """A day with a sale on the cafe's account, and one in cash."""
    till = till or Till(store, day=day)
    till.day = day
    shop.send(
        till.slice(
            "09:00", sale("12.00", tax_class="ZERO", tender="ACCOUNT", customer="C001"), sale("3.00", sku="10002"), z()
        )
    )
    return till


def brought(shop: Shop, file: str = "customers.csv") -> list[str]:
    """The lines of a file of records below the header, over all delivered batches in order of day."""
    found = sorted((shop.home / "outbox" / "corner-shops").glob(f"*/*/{file}"))
    return [line for path in found for line in path.read_text().splitlines()[1:]]


def test_a_new_customer_is_brought_once_and_not_again_with_the_next_day(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.settle(customers=CUSTOMERS)
    till = trade(shop)
    shop.run()
    first = brought(shop)

    trade(shop, NEXT_DAY, till=till)
    shop.run(DAY, NEXT_DAY)

    assert [line.partition(",,")[0] for line in first] == ["CAFE001,Quayside Cafe"]
    assert brought(shop) == first
    assert shop.state("S01", NEXT_DAY) is State.DELIVERED
    assert shop.work.ledger.handed_over("corner-shops") == {CAFE}


def test_what_sage_has_already_is_never_written(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.settle(customers=CUSTOMERS.replace(",no", ",yes"), skus=ARTICLES.replace(",no", ",yes"))
    trade(shop)

    shop.run()

    assert shop.state("S01") is State.DELIVERED
    assert (brought(shop), brought(shop, "products.csv")) == ([], [])


def test_the_takings_customer_is_brought_by_the_first_day_that_credits_it(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.settle(customers=CUSTOMERS.replace("Takings,,yes", "Takings,,no"))
    till = Till("S01")
    shop.send(till.slice("09:00", sale("12.00"), z()))
    shop.run()
    without = brought(shop)

    till.day = NEXT_DAY
    shop.send(till.slice("09:00", refund("2.40"), z()))
    shop.run(NEXT_DAY)

    assert without == []
    assert [line.partition(",,")[0] for line in brought(shop)] == ["TAKINGS,Takings"]


def test_a_product_is_brought_where_it_is_asked_for_and_gift_cards_never(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    articles = ARTICLES + "10003,Gift card,GIFTCARD,OUT,,no\n10004,Never sold,DELI,STD,,no\n"
    till = Till("S01")
    gift_card = sale("20.00", tax_class="OUT", category="GIFTCARD", sku="10003")
    shop.settle(company=f"{COMPANY}records: [products]\n", skus=articles, customers=CUSTOMERS)
    trade(shop, till=till)
    till.day = NEXT_DAY
    shop.send(till.slice("09:00", sale("1.20", tax_class="ZERO"), gift_card, z()))

    shop.run(DAY, NEXT_DAY)

    assert brought(shop, "products.csv") == ["10001,Bread,T0,1.20,,,,4000,,,,,,,,,,"]
    assert brought(shop) == []
    assert shop.work.ledger.handed_over("corner-shops") == {BREAD}


def test_products_are_not_brought_unless_somebody_asks(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.settle(skus=ARTICLES)
    trade(shop)

    shop.run()

    assert shop.state("S01") is State.DELIVERED
    assert brought(shop, "products.csv") == []


def test_the_whole_batch_goes_into_a_sage_that_has_no_such_customer(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.settle(company=f"{COMPANY}records: [customers, products]\n", customers=CUSTOMERS, skus=ARTICLES)
    trade(shop)
    shop.run()
    company = shop.work.settings.company("corner-shops")
    sage, rules = Sandbox.in_memory(masters_from(company)), rules_of(company.company)
    folder = next((shop.home / "outbox" / "corner-shops" / DAY.isoformat()).iterdir())

    imported = [
        (name_of(file), import_file(sage, kind, read_bytes(file), rules)) for kind, file in files_of(str(folder))
    ]

    assert [(name, done.taken > 0, done.refused) for name, done in imported] == [
        ("customers.csv", True, ()),
        ("products.csv", True, ()),
        ("transactions.csv", True, ()),
    ]


# Drafts, and days that are staged side by side


@pytest.fixture
def by_hand(open_shop: OpenShop) -> Shop:
    """A shop whose batches a person delivers, with two days that need the cafe's account."""
    shop = open_shop("S01")
    shop.settle(company=COMPANY.replace("automatic", "manual"), customers=CUSTOMERS)
    trade(shop, NEXT_DAY, till=trade(shop))
    shop.run(DAY, NEXT_DAY)
    return shop


def test_a_draft_is_whole_by_itself_and_the_same_when_it_is_staged_again(by_hand: Shop) -> None:
    before = by_hand.work.ledger.batches("corner-shops", DAY)

    stage(by_hand.work, "corner-shops", DAY)

    after = by_hand.work.ledger.batches("corner-shops", DAY)
    assert [batch.records for batch in after] == [(CAFE,)]
    assert [(b.id, b.digest) for b in after] == [(b.id, b.digest) for b in before]
    assert by_hand.work.ledger.handed_over("corner-shops") == frozenset()


def test_a_second_draft_with_the_same_customer_waits_for_a_person_to_stage_it_again(by_hand: Shop) -> None:
    deliver(by_hand.work, "corner-shops", NEXT_DAY)

    with pytest.raises(DraftOutdated, match="another brought customer CAFE001 to Sage meanwhile: stage again"):
        deliver(by_hand.work, "corner-shops", DAY)
    stage(by_hand.work, "corner-shops", DAY)
    deliver(by_hand.work, "corner-shops", DAY)

    assert len(brought(by_hand)) == 1
    assert by_hand.state("S01") is State.DELIVERED


def test_where_batches_go_out_by_themselves_the_second_is_staged_again_without_it(by_hand: Shop) -> None:
    settings = by_hand.work.settings.company("corner-shops")
    automatic = settings.model_copy(update={"company": settings.company.model_copy(update={"delivery": "automatic"})})
    work = replace(by_hand.work, settings=by_hand.work.settings.model_copy(update={"companies": (automatic,)}))

    for day in (NEXT_DAY, DAY):
        deliver(work, "corner-shops", day)

    assert len(brought(by_hand)) == 1
    assert [by_hand.state("S01", day) for day in (DAY, NEXT_DAY)] == [State.DELIVERED, State.DELIVERED]


def test_a_draft_that_is_replaced_gives_its_records_up(by_hand: Shop) -> None:
    with_record = by_hand.work.ledger.batches("corner-shops", DAY)
    by_hand.settle(customers=CUSTOMERS.replace(",no", ",yes"))

    stage(by_hand.work, "corner-shops", DAY)

    without = by_hand.work.ledger.batches("corner-shops", DAY)
    assert ([b.records for b in with_record], [b.records for b in without]) == ([(CAFE,)], [()])
    assert with_record[0].id != without[0].id
    assert deliver(by_hand.work, "corner-shops", DAY).batches == (without[0].id,)


def test_manifest_and_sheet_name_the_records_before_the_rows(by_hand: Shop) -> None:
    batch = by_hand.work.ledger.batches("corner-shops", DAY)[0]
    folder = by_hand.home / "staging" / "corner-shops" / DAY.isoformat() / batch.id

    manifest, page = (folder / "manifest.json").read_text(), (folder / "sheet.html").read_text()

    assert '"customers.csv": {\n      "rows": 1,' in manifest
    assert 0 < page.index("Customer records, Comma-separated") < page.index("Audit Trail transactions - Grouped")


def test_an_unmapped_customer_gives_a_line_for_the_list_of_customers_too(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.settle(customers=CUSTOMERS)
    shop.send(Till("S01").slice("09:00", sale("6.00", tender="ACCOUNT", customer="C009"), z()))
    shop.run()
    held = {s.file: s.text for hold in shop.work.ledger.holds("S01", DAY) for s in hold.snippets}

    line = held["customers.csv"]
    block = held["mappings.yaml"].replace("C009: fill-in", "C009: CLUB001").replace("why: fill-in", "why: a new club")
    filled = line.replace("fill-in", "CLUB001", 1).replace("fill-in", "The Club", 1).replace("fill-in", "no", 1)
    shop.settle(mappings=f"{MAPPINGS}{block}\n", customers=f"{CUSTOMERS}{filled}\n")
    shop.run()

    assert line == "fill-in,fill-in,,fill-in"
    assert [text.partition(",,")[0] for text in brought(shop)] == ["CLUB001,The Club"]
