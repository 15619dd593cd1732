"""Hold what is in the outbox to truth.json: every amount of every store-day, to the penny.

Reads the files that a bookkeeper would import, not the ledger; what they must hold is worked out from the
sample's own totals and the mapping.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from storeday.config.mappings import CUSTOMER, VOUCHER
from storeday.config.settings import CompanySettings, Settings
from storeday.demo.compare_stock import stock_differences
from storeday.model.money import minor_of, money
from storeday.model.storage import MANIFEST
from storeday.sage50.transaction_files import transaction_files

Balances = Counter[tuple[str, str, str]]
"""Minor units by what (net, tax, debit, owed), nominal or account, and tax code; signed."""


def differences(settings: Settings, outbox: Path, truth_file: Path) -> list[str]:
    """Everything in which the outbox is not what truth.json says, in words; an empty list is the proof."""
    truth = json.loads(truth_file.read_text(encoding="utf-8"))["stores"]
    found: list[str] = []
    for company in settings.companies:
        posted = _posted(company, outbox / company.company.code)
        for store in company.stores:
            for key, said in truth[store.code].items():
                day = date.fromisoformat(key)
                wanted = _wanted(company, day, said) if said["expected"] == "staged" else Counter()
                got = posted.pop((store.department, day), Counter())
                found += _unequal(f"{store.code} {key}", wanted, got)
        found += stock_differences(company, outbox / company.company.code, truth)
        found += [f"department {d} {day.isoformat()}: in the outbox and not in the sample" for d, day in posted]
    return found


def _unequal(where: str, wanted: Balances, got: Balances) -> list[str]:
    return [
        f"{where}: {' '.join(part for part in key if part)} is {money(got[key])} and should be {money(wanted[key])}"
        for key in sorted({*wanted, *got})
        if wanted[key] != got[key]
    ]


def _wanted(company: CompanySettings, day: date, said: dict[str, Any]) -> Balances:
    """What Sage's accounts must get from one store-day, by the sample's own totals."""
    mapping, accounts = company.mapping_on(day), company.company.accounts
    balances: Balances = Counter()
    for sold in said["sales"]:
        nominal = mapping.categories[sold["category"]]
        gross, tax = sold["gross_minor"], sold["tax_minor"]
        if nominal == VOUCHER:
            balances["debit", accounts.voucher_liability, "T9"] -= gross
        else:
            code = mapping.tax_classes[sold["tax_class"]].code
            balances["net", nominal, code] += gross - tax
            balances["tax", nominal, code] += tax
    for tender, taken in said["tenders"].items():
        target = mapping.tenders[tender]
        if target == CUSTOMER:
            balances["owed", "customers", "T9"] += taken
            continue
        balances["debit", accounts.voucher_liability if target == VOUCHER else target, "T9"] += taken
    for tender, over in said["over_short"].items():
        balances["debit", mapping.tenders[tender], "T9"] += over
        balances["debit", accounts.over_short, "T9"] -= over
    return balances


def _posted(company: CompanySettings, folder: Path) -> dict[tuple[int, date], Balances]:
    """What the outbox's files put into Sage's accounts, by department (the store) and trading day."""
    accounts = company.company.accounts
    posted: dict[tuple[int, date], Balances] = {}
    for row in _rows(folder):
        day = datetime.strptime(row["Date"], "%d/%m/%Y").date()
        balances = posted.setdefault((int(row["Department Code"]), day), Counter())
        _post(balances, row, accounts.till_control, accounts.takings_customer)
    return posted


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    """Every row of every batch below a company's folder of the outbox; what a killed run left hidden is none."""
    for manifest in sorted(folder.glob(f"*/[!.]*/{MANIFEST}")):
        for name in transaction_files(json.loads(manifest.read_text(encoding="utf-8"))):
            text = (manifest.parent / name).read_text(encoding="ascii")
            yield from csv.DictReader(io.StringIO(text, newline=""))


def _post(balances: Balances, row: dict[str, str], control: str, takings_customer: str) -> None:
    kind, account, nominal, code = row["Type"], row["Account Reference"], row["Nominal A/C Ref"], row["Tax Code"]
    net, tax = minor_of(row["Net Amount"]), minor_of(row["Tax Amount"])
    sign = -1 if kind in {"SC", "JC", "SA"} else 1
    if kind in {"BR", "SC"}:
        balances["net", nominal, code] += sign * net
        balances["tax", nominal, code] += sign * tax
    elif kind in {"JD", "JC"} and nominal != control:
        balances["debit", nominal, code] += sign * net
    elif kind in {"SP", "SA"} and account != takings_customer:
        balances["owed", "customers", code] += sign * net
