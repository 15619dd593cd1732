"""The sample stores: what is written is what the contract says, and what `truth.json` says is right.

All totals here are worked out from the files with pandas and Decimal, none with the generator's own code.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from storeday.sample import SampleOrder, catalogue, write_sample

START = date(2026, 11, 20)
BROKEN = ("S03", date(2026, 11, 24))
HEADER = (
    "record,store,till,receipt,line,at,kind,sku,description,category,quantity,unit_price,discount,gross,"
    "tax_class,tax,tender,amount,customer,original"
)
RATES = {"STD": 20, "RED": 5, "ZERO": 0, "EXEMPT": 0, "OUT": 0}
KEY = ["store", "day", "till", "receipt"]


class Sample:
    """A sample as read back from its files."""

    def __init__(self, truth_path: Path) -> None:
        self.out = truth_path.parent
        self.truth: dict[str, Any] = json.loads(truth_path.read_text())
        self.rows = pd.DataFrame([row for path in sorted(self.out.glob("*/*.csv")) for row in _read(path)])
        at = pd.to_datetime(self.rows["at"].mask(self.rows["at"] == "").ffill(), utc=True)  # lines stand below receipts
        self.rows["local"] = at.dt.tz_convert("Europe/London").dt.tz_localize(None)
        self.rows["day"] = (self.rows["local"] - pd.Timedelta(hours=4)).dt.strftime("%Y-%m-%d")
        for column in ("gross", "tax", "amount", "unit_price", "discount"):
            minor = {text: _minor(text) for text in self.rows[column].unique()}
            self.rows[f"{column}_minor"] = self.rows[column].map(minor)

    def of(self, record: str) -> pd.DataFrame:
        """The rows of one record; its amounts in columns named ``.._minor`` too, in minor units."""
        return self.rows[self.rows["record"] == record]

    def days(self) -> list[tuple[str, str, dict[str, Any]]]:
        """The truth of each store-day, with its store and trading day."""
        return [(store, day, true) for store, days in self.truth["stores"].items() for day, true in days.items()]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{**row, "file": path.name} for row in csv.DictReader(file, strict=True)]


def _minor(text: str) -> int:
    assert re.fullmatch(r"(-?\d{1,8}\.\d\d)?", text)
    return int(Decimal(text or "0") * 100)


def _order(out: Path, **changes: Any) -> SampleOrder:
    return SampleOrder(**{"out": out, "start": START, "receipts": 200, "broken": (BROKEN,), **changes})


def _bytes(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.*")}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(write_sample(_order(tmp_path_factory.mktemp("sample"))))


def test_the_same_order_writes_the_same_bytes(sample, tmp_path):
    write_sample(_order(tmp_path))

    assert _bytes(tmp_path) == _bytes(sample.out)


def test_another_seed_writes_other_bytes(sample, tmp_path):
    write_sample(_order(tmp_path, seed=51, stores=1, days=1, broken=()))

    first = "S01/S01_20261120T0900.csv"
    assert _bytes(tmp_path)[first] != _bytes(sample.out)[first]


def test_a_store_day_does_not_depend_on_how_many_others_are_written(sample, tmp_path):
    alone = Sample(write_sample(_order(tmp_path, stores=1, days=2, broken=())))

    files = {name: content for name, content in _bytes(tmp_path).items() if name != "truth.json"}
    assert files.items() <= _bytes(sample.out).items()
    assert alone.truth["stores"]["S01"].items() <= sample.truth["stores"]["S01"].items()


def test_markers_agree_with_their_files(sample):
    rows_of = dict(list(sample.rows.groupby("file")))

    for path in sample.out.glob("*/*.csv"):
        rows = rows_of.pop(path.name)
        receipts = rows[rows["record"] == "RECEIPT"]
        assert json.loads(path.with_suffix(".ok").read_text()) == {
            "file": path.name,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "records": len(rows),
            "receipts": len(receipts),
            "gross": str(sum((Decimal(text) for text in receipts["gross"]), Decimal("0.00"))),
        }
    assert len(list(sample.out.glob("*/*.ok"))) == len(list(sample.out.glob("*/*.csv")))


def test_rows_lie_in_the_broken_filethat_the_name_says_and_fill_the_columns_agreed(sample):
    rows = sample.rows

    assert {path.read_text().split("\n")[0] for path in sample.out.glob("*/*.csv")} == {HEADER}
    assert (rows["store"] + rows["local"].dt.strftime("_%Y%m%dT%H00.csv") == rows["file"]).all()
    assert {record: _filled(group) for record, group in rows.groupby("record")} == {
        "RECEIPT": "store till receipt at kind gross tax customer? original?",
        "LINE": "store till receipt line sku description category quantity unit_price discount? gross tax_class tax",
        "TENDER": "store till receipt line tender amount",
        "Z": "store till receipt at quantity gross tax",
        "ZTENDER": "store till receipt tender amount",
        "COUNT": "store at sku quantity",
    }


def _filled(rows: pd.DataFrame) -> str:
    """The columns that rows fill, with a question mark where only some do."""
    share = {column: (rows[column] != "").mean() for column in HEADER.split(",")[1:]}
    return " ".join(column + ("?" if part < 1 else "") for column, part in share.items() if part)


def test_receipts_are_followed_by_their_lines_and_tenders_in_order_of_time(sample):
    rows = sample.rows[sample.rows["record"].isin(["RECEIPT", "LINE", "TENDER"])]
    is_receipt = rows["record"] == "RECEIPT"

    owner = (rows["till"] + rows["receipt"]).where(is_receipt).ffill()
    assert (owner == rows["till"] + rows["receipt"]).all()
    records = rows["record"].map({"RECEIPT": "R", "LINE": "L", "TENDER": "T"}).str.cat()
    assert re.fullmatch(r"(R(L+T{1,2})?)+", records)
    assert rows[is_receipt].groupby("file")["local"].is_monotonic_increasing.all()


def test_lines_and_tenders_sum_to_their_receipt(sample):
    receipts = sample.of("RECEIPT").set_index(KEY)
    lines = sample.of("LINE").groupby(KEY)[["gross_minor", "tax_minor"]].sum()
    tenders = sample.of("TENDER").groupby(KEY)["amount_minor"].sum()

    assert receipts.index.is_unique
    assert (receipts["gross_minor"] - lines["gross_minor"].reindex(receipts.index, fill_value=0) == 0).all()
    assert (receipts["tax_minor"] - lines["tax_minor"].reindex(receipts.index, fill_value=0) == 0).all()
    out_by = tenders.reindex(receipts.index, fill_value=0) - receipts["gross_minor"]
    broken = sample.truth["stores"]["S03"]["2026-11-24"]["broken"]
    assert out_by[out_by != 0].to_dict() == {("S03", "2026-11-24", broken["till"], broken["receipt"]): -20}


def test_lines_are_priced_and_taxed_half_up(sample):
    for line in sample.of("LINE").itertuples():
        full = (Decimal(line.quantity) * line.unit_price_minor).quantize(Decimal(1), ROUND_HALF_UP)
        rate = RATES[line.tax_class]
        tax = (Decimal(line.gross_minor) * rate / (100 + rate)).quantize(Decimal(1), ROUND_HALF_UP)
        assert (line.gross_minor, line.tax_minor) == (full - line.discount_minor, tax)


def test_receipt_and_z_numbers_run_without_a_gap_over_the_days(sample):
    for record, width in (("RECEIPT", 6), ("Z", 4)):
        rows = sample.of(record)
        steps = rows.sort_values(["local", "receipt"]).assign(number=rows["receipt"].astype(int))
        assert (steps.groupby(["store", "till"])["number"].diff().dropna() == 1).all()
        assert rows["receipt"].str.len().eq(width).all()


def test_each_z_says_what_its_till_rang_since_the_last(sample):
    rang = sample.of("RECEIPT").groupby(["store", "day", "till"])
    z = sample.of("Z").set_index(["store", "day", "till"])

    assert z.index.is_unique
    assert z["quantity"].astype(int).to_dict() == rang.size().to_dict()
    assert z["gross_minor"].to_dict() == rang["gross_minor"].sum().to_dict()
    assert z["tax_minor"].to_dict() == rang["tax_minor"].sum().to_dict()
    assert (z["local"] > rang["local"].max().reindex(z.index)).all()


def test_the_truth_is_what_the_files_come_to(sample):
    for store, day, true in sample.days():
        assert _totals(sample, store, day) == _as_filed(true)


def _totals(sample: Sample, store: str, day: str) -> dict[str, Any]:
    """The totals of one store-day from its files alone."""
    rows = sample.rows[(sample.rows["store"] == store) & (sample.rows["day"] == day)]
    here = dict(list(rows.groupby("record")))
    receipts, lines = here["RECEIPT"], here["LINE"]
    by_class = lines.groupby(["category", "tax_class"], as_index=False)[["gross_minor", "tax_minor"]].sum()
    tenders = here["TENDER"].groupby("tender")["amount_minor"].sum()
    gross, tax = int(receipts["gross_minor"].sum()), int(receipts["tax_minor"].sum())
    return {
        "receipts": len(receipts),
        "sales_minor": int(receipts.loc[receipts["kind"] == "sale", "gross_minor"].sum()),
        "refunds_minor": int(receipts.loc[receipts["kind"] == "refund", "gross_minor"].sum()),
        "gross_minor": gross,
        "tax_minor": tax,
        "net_minor": gross - tax,
        "tills": sorted(receipts["till"].unique()),
        "sales": by_class.to_dict("records"),
        "tenders": tenders.to_dict(),
        "over_short": {"CASH": int(here["ZTENDER"]["amount_minor"].sum() - tenders["CASH"])},
        "stock": _stock(lines, here["COUNT"]),
    }


def _stock(lines: pd.DataFrame, counts: pd.DataFrame) -> dict[str, dict[str, int | None]]:
    """What was sold, brought back and counted of each SKU, line by line."""
    moved: dict[str, dict[str, int | None]] = {
        sku: {"sold_milli": 0, "returned_milli": 0, "counted_milli": None, "sold_before_milli": 0}
        for sku in {*lines["sku"], *counts["sku"]}
    }
    counted = {count.sku: count for count in counts.itertuples()}
    for line in lines.itertuples():
        milli, of_sku = int(Decimal(line.quantity) * 1000), moved[line.sku]
        of_sku["sold_milli" if milli > 0 else "returned_milli"] += abs(milli)
        if line.sku in counted and line.local <= counted[line.sku].local:
            of_sku["sold_before_milli"] += milli
    for sku, count in counted.items():
        moved[sku]["counted_milli"] = int(Decimal(count.quantity) * 1000)
    return moved


def test_counts_are_what_is_on_the_shelves_give_or_take_a_few(sample):
    off, again = [], 0
    for days in sample.truth["stores"].values():
        book: dict[str, int] = {}
        for day in sorted(days):
            for sku, said in days[day]["stock"].items():
                expected = book.get(sku)
                if said["counted_milli"] is not None:
                    if expected is not None:
                        again += 1
                        off += [said["counted_milli"] - (expected - said["sold_before_milli"])]
                    book[sku] = said["counted_milli"] + said["sold_before_milli"]
                if sku in book:
                    book[sku] -= said["sold_milli"] - said["returned_milli"]

    different = [milli for milli in off if milli]
    assert again > 50
    assert 0 < len(different) < again / 2
    assert all(abs(milli) <= 4_000 for milli in different)


def _as_filed(true: dict[str, Any]) -> dict[str, Any]:
    """The truth as the files tell it: a broken one lacks 20 pence in the cash tenders, not in the drawer."""
    filed = {key: value for key, value in true.items() if key not in ("expected", "broken")}
    missing = true["broken"]["out_by_minor"] if true["broken"] else 0
    assert true["expected"] == ("held" if missing else "staged")
    filed["tenders"] = {**filed["tenders"], "CASH": filed["tenders"]["CASH"] + missing}
    filed["over_short"] = {"CASH": filed["over_short"]["CASH"] - missing}
    return filed


@pytest.mark.parametrize(
    ("night", "offsets"),
    [
        (date(2026, 3, 28), {"2026-03-28": "+00:00", "2026-03-29": "+00:00 +01:00", "2026-03-30": "+01:00"}),
        (date(2026, 10, 24), {"2026-10-24": "+01:00", "2026-10-25": "+01:00 +00:00", "2026-10-26": "+00:00"}),
    ],
)
def test_nothing_is_lost_or_doubled_when_the_clocks_change(night, offsets, tmp_path):
    changed = Sample(write_sample(_order(tmp_path, start=night, stores=2, days=2, receipts=300, broken=())))

    for store, day, true in changed.days():
        assert _totals(changed, store, day) == _as_filed(true)
    receipts = changed.of("RECEIPT")
    assert not receipts.duplicated(["store", "till", "receipt"]).any()
    assert receipts["day"].unique().tolist() == list(offsets)[:2]
    said = receipts[receipts["store"] == "S01"]["at"]
    assert said.groupby(said.str[:10]).agg(lambda at: " ".join(at.str[-6:].unique())).to_dict() == offsets
    assert pd.to_datetime(said, utc=True).is_monotonic_increasing


def test_breaking_a_store_day_changes_one_row_of_one_file(sample, tmp_path):
    write_sample(_order(tmp_path, broken=()))

    whole, broken = _bytes(tmp_path), _bytes(sample.out)
    changed = [name for name in whole if whole[name] != broken[name]]
    (broken_file,) = (name for name in changed if name.endswith(".csv"))
    assert sorted(changed) == [broken_file, broken_file.replace(".csv", ".ok"), "truth.json"]
    was, now = (files[broken_file].decode().splitlines() for files in (whole, broken))
    ((paid, short),) = ((a, b) for a, b in zip(was, now, strict=True) if a != b)
    assert paid.startswith("TENDER,S03")
    assert ",CASH," in paid
    assert _minor(short.split(",")[17]) == _minor(paid.split(",")[17]) - 20


def test_every_kind_of_receipt_tender_and_tax_class_occurs(sample):
    receipts, lines, tenders = sample.of("RECEIPT"), sample.of("LINE"), sample.of("TENDER")

    assert set(receipts["kind"]) == {"sale", "refund", "void", "training", "no_sale"}
    assert receipts["kind"].value_counts(normalize=True)["refund"] == pytest.approx(0.02, abs=0.01)
    assert set(tenders["tender"]) == {"CASH", "VISA", "MC", "AMEX", "GIFT", "ACCOUNT"}
    splits = tenders.groupby(KEY)["tender"].agg("+".join)
    assert set(splits[splits.str.contains("+", regex=False)]) == {"GIFT+CASH", "GIFT+VISA", "CASH+VISA"}
    assert set(lines["tax_class"]) == set(RATES)
    assert set(lines.loc[lines["tax_class"] == "OUT", "category"]) == {"GIFTCARD"}
    on_account = tenders.loc[tenders["tender"] == "ACCOUNT", KEY].apply(tuple, axis=1)
    with_customer = receipts.loc[receipts["customer"] != "", KEY].apply(tuple, axis=1)
    assert set(on_account) == set(with_customer)
    assert set(receipts["customer"]) == {"", "C001", "C002", "C003"}


def test_refunds_name_earlier_sales_of_today_or_yesterday(sample):
    receipts = sample.of("RECEIPT")
    refunds = receipts[receipts["original"] != ""]
    sales = receipts[receipts["kind"] == "sale"]
    sold = sales.set_index(sales["store"] + sales["day"].str.replace("-", "") + sales["till"] + sales["receipt"])[
        "local"
    ]

    named = refunds.assign(sold=(refunds["store"] + refunds["original"].str.replace("/", "")).map(sold))
    days_back = pd.to_datetime(named["day"]) - pd.to_datetime(named["original"].str[:8])
    assert set(refunds["kind"]) == {"refund"}
    assert set(days_back.dt.days) == {0, 1}
    assert named.loc[named["day"] > START.isoformat(), "sold"].notna().all()
    assert (named["sold"].isna() | (named["sold"] <= named["local"])).all()


def test_meal_deals_are_split_over_tax_rates_to_the_penny(sample):
    lines = sample.of("LINE")
    first = lines[lines["line"].astype(int).le(3) & lines["discount_minor"].gt(0) & lines["quantity"].eq("1")]
    classes = first.groupby(KEY)["tax_class"].transform("+".join)
    deals = first[classes == "ZERO+STD+STD"]

    assert deals.groupby(KEY).ngroups > 300
    assert deals.groupby(KEY)["gross_minor"].sum().eq(500).all()
    full = deals.groupby(KEY)["unit_price_minor"].transform("sum")
    fair = (full - 500) * deals["unit_price_minor"] / full
    assert (deals["discount_minor"] - fair).abs().lt(1).all()


def test_texts_need_quoting_and_quantities_need_a_scale(sample):
    described = set(sample.of("LINE")["description"])
    quantities = sample.of("LINE")["quantity"]

    assert {'Sandwich, "Ploughman\'s"', 'Roll, 6" sub', "Café latte, regular", "Jalapeño chillies"} <= described
    assert quantities.str.fullmatch(r"-?[1-4]|-?\d+\.\d{3}").all()
    assert quantities.str.contains(".", regex=False).any()
    assert sample.of("COUNT").groupby(["store", "day"])["sku"].nunique().eq(10).all()


def test_tills_differ_by_store_and_some_are_over_or_short(sample):
    assert [len(days[START.isoformat()]["tills"]) for days in sample.truth["stores"].values()] == [2, 3, 4, 2, 3]

    off = [true["over_short"]["CASH"] for _, _, true in sample.days()]
    assert min(off) < 0 < max(off)
    assert 0 in off


def test_the_first_store_sells_after_midnight_every_day(sample):
    receipts = sample.of("RECEIPT")
    late = receipts[(receipts["local"].dt.hour == 0) & (receipts["kind"] == "sale")]

    assert set(late["store"]) == {"S01"}
    assert late["day"].nunique() == 7
    assert (sample.out / "S01" / "S01_20261121T0000.csv").exists()


def test_the_catalogue_knows_every_sku_sold(sample):
    skus = catalogue().column("sku").to_pylist()

    assert len(skus) == len(set(skus)) == 62
    assert set(sample.of("LINE")["sku"]) == set(skus)
    assert set(catalogue().column("tax_class").to_pylist()) == set(RATES)


def test_many_stores_have_longer_codes(tmp_path):
    assert _order(tmp_path, stores=99).store_codes[-1] == "S99"
    assert _order(tmp_path, stores=100, broken=()).store_codes[::99] == ["S0001", "S0100"]


def test_progress_is_told_a_line_a_store(tmp_path):
    told: list[str] = []

    write_sample(_order(tmp_path, stores=2, days=1, receipts=20, broken=()), progress=told.append)

    assert [re.sub(r"\d[\d,.]* ", "# ", line) for line in told] == [
        "S01: # trading days, # receipts, # GBP",
        "S02: # trading days, # receipts, # GBP",
    ]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"receipts": 5}, "receipts is 5"),
        ({"stores": 0}, "stores is 0"),
        ({"days": 0}, "days is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"broken": (("S09", START),)}, "broken names S09 2026-11-20"),
        ({"broken": (("S01", date(2026, 1, 1)),)}, "broken names S01 2026-01-01"),
    ],
)
def test_an_order_that_cannot_be_is_refused(wrong, named, tmp_path):
    with pytest.raises(ValueError, match=named):
        _order(tmp_path, **wrong)
