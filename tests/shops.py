"""Whole installations for tests: a company's settings, its stores' folders and a state of its own."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from storeday.config.environment import Environment
from storeday.config.load import load_settings
from storeday.ledger.facts import FileFact
from storeday.model.acceptance import Acceptance
from storeday.model.store_day import Hold, State, Warned, held_text
from storeday.sage50.rows import HEADER
from storeday.sage50.transaction_files import transaction_files
from storeday.stages.asking import covered_by_sign_off
from storeday.stages.run import Ran, run_days
from storeday.stages.workplace import Workplace
from tills import DAY, Marker, Slice, Till, as_json, marker_name, refund, sale, z

EXPECTATIONS = Path(__file__).parents[1] / "include" / "expectations"

COMPANY = """\
code: corner-shops
name: Corner Shops Ltd
edition: sage50-uk
profile: bank_receipts
currency: GBP
timezone: Europe/London
first_day: 2026-01-01
delivery: automatic
accounts:
  till_control: 1235
  takings_customer: TAKINGS
  over_short: 8206
  rounding: 8207
  voucher_liability: 2150
"""

MAPPINGS = """\
- valid_from: 2026-01-01
  tax_classes:
    STD: {code: T1, rate: 20}
    RED: {code: T5, rate: 5}
    ZERO: {code: T0, rate: 0}
    OUT: {code: T9, rate: 0}
  categories: {GROCERY: 4000, DELI: 4001, GIFTCARD: voucher}
  tenders: {CASH: 1230, VISA: 1250, GIFT: voucher, ACCOUNT: customer}
  customers: {C001: CAFE001}
"""

STORE = """\
code: {code}
name: Shop {code}
timezone: Europe/London
department: {department}
feed: storeday-csv
source: {{kind: folder, path: "{folder}"}}
tills: ["01"]
"""

SKUS = "sku\n10001\n10002\n"
ANY_SKU = "no list of SKUs"


@dataclass
class Shop:
    """One company with its stores, open for work."""

    work: Workplace
    sources: Path
    home: Path
    sent: dict[tuple[str, str], list[bytes]] = field(default_factory=dict)  # by store and name: each version
    _clock: int = 1_600_000_000  # of the stores' own servers: each file is a second later than the one before

    def send(
        self, part: Slice, *, to: str = "", spoil: Callable[[bytes], bytes] | None = None, **marker: object
    ) -> Path:
        """Put a file and its marker into the folder of its store, or of another one.

        ``spoil`` changes the bytes that the marker is made for; ``marker`` says other things than are true.
        """
        content = spoil(part.content) if spoil else part.content
        return self.put(to or part.store, part.name, content, part.marker(content, **marker))

    def put(self, store: str, name: str, content: bytes, marker: Marker | bytes | None) -> Path:
        """Put bytes into a store's folder, with a marker unless it is None."""
        path = self.sources / store / name
        self._write(path, content)
        if marker is not None:
            said = marker if isinstance(marker, bytes) else as_json(marker)
            self._write(path.with_name(marker_name(name)), said)
            self.sent.setdefault((store, name), []).append(content)
        return path

    def settle(self, **files: str) -> None:
        """Write files of the company's settings anew, ``skus="sku\\n10001\\n"`` say; the next run reads them."""
        config = self.home.parent / "config"
        for name, text in files.items():
            suffix = ".yaml" if name in {"company", "mappings"} else ".csv"
            (config / "corner-shops" / f"{name}{suffix}").write_text(text)
        self.work = replace(self.work, settings=load_settings(config))

    def sign_off(self) -> None:
        """Have the settings of now signed off for production, as after an acceptance without a fault."""
        for company in self.work.settings.companies:
            code, covered = company.company.code, covered_by_sign_off(company)
            made = Acceptance(code, DAY, DAY, hashlib.sha256(covered.encode()).hexdigest(), covered)
            self.work.ledger.record_acceptance(made)
            self.work.ledger.sign_off(code, made.digest, "all was well", "Ann Smith")

    def run(self, *days: date) -> tuple[Ran, str]:
        """All stages over all stores; what it came to, and what was said."""
        said: list[str] = []
        codes = [store.code for store in self.work.settings.stores()]
        ran = run_days(self.work, list(days or (DAY,)), codes, say=said.append)
        return ran, "\n".join(said)

    def state(self, store: str, day: date = DAY) -> State:
        """A store-day's state."""
        fact = self.work.ledger.store_day(store, day)
        return fact.state if fact else State.EXPECTED

    def held(self, store: str, day: date = DAY) -> list[str]:
        """What a shop manager reads of a held store-day, line by line."""
        return held_text(store, day, [h for h in self._findings(store, day) if not isinstance(h, Warned)])

    def warned(self, store: str, day: date = DAY) -> list[str]:
        """The headlines of what is worth a look and holds nothing."""
        return [h.headline() for h in self._findings(store, day) if isinstance(h, Warned)]

    def why(self, store: str) -> list[str]:
        """What is said of each of a store's rejected files."""
        files = self.work.ledger.open_rejections(store, DAY) + self.work.ledger.rejections_without_day()
        return [file.why for file in files if file.store == store]

    def files(self, store: str, day: date = DAY) -> list[FileFact]:
        """The accepted files of a store-day."""
        return self.work.ledger.files_of(store, day)

    def landed(self, store: str, content: bytes) -> bytes | None:
        """The bytes as kept, found by their digest; None where they were not kept."""
        path = self.home / "landing" / store / hashlib.sha256(content).hexdigest()
        return path.read_bytes() if path.exists() else None

    def rows(self, day: date = DAY) -> list[dict[str, str]]:
        """The rows of every batch in the outbox for a day, by the column names of Sage's template."""
        manifests = sorted((self.home / "outbox" / "corner-shops" / day.isoformat()).glob("[!.]*/manifest.json"))
        files = [m.parent / name for m in manifests for name in transaction_files(json.loads(m.read_text()))]
        lines = [line for file in files for line in file.read_text().splitlines()[1:]]
        return [dict(zip(HEADER, line.split(","), strict=True)) for line in lines]

    def _findings(self, store: str, day: date) -> list[Hold]:
        return self.work.ledger.holds(store, day)

    def _write(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        self._clock += 1
        os.utime(path, (self._clock, self._clock))


OpenShop = Callable[..., Shop]
Typed = Callable[..., tuple[int, str]]
"""Types a command: its exit code, and all that was said."""


def corrected(open_shop: OpenShop) -> Shop:
    """A delivered day of two files, and a late receipt that came after it and was delivered as a correction."""
    shop, till = open_shop("S01"), Till("S01")
    shop.send(till.slice("09:00", sale("12.60", at="09:06"), sale("6.00", tender="VISA", at="09:07")))
    shop.send(till.slice("10:00", refund("2.40", at="10:01"), z(at="10:30")))
    shop.run()
    shop.send(till.slice("11:00", sale("24.00", at="11:15"), z(at="11:30")))
    shop.run()
    return shop


"""Opens a company of the given stores: the fixture ``open_shop``."""


def settle(
    folder: Path, stores: dict[str, str], *, company: str = COMPANY, mappings: str = MAPPINGS, skus: str = SKUS
) -> Path:
    """Write the settings of a company; ``stores`` has each code with what its file says beyond the usual.

    What a store says in its own lines replaces the usual line of that key. Returns the folder of settings.
    """
    config = folder / "config" / "corner-shops"
    (config / "stores").mkdir(parents=True)
    (config / "company.yaml").write_text(company)
    (config / "mappings.yaml").write_text(mappings)
    if skus != ANY_SKU:
        (config / "skus.csv").write_text(skus)
    for department, (code, own) in enumerate(stores.items(), start=1):
        source = folder / "sources" / code
        source.mkdir(parents=True)
        usual = STORE.format(code=code, department=department, folder=source)
        replaced = {line.partition(":")[0] for line in own.splitlines()}
        kept = [line for line in usual.splitlines() if line.partition(":")[0] not in replaced]
        (config / "stores" / f"{code}.yaml").write_text("\n".join([*kept, own]) + "\n")
    return config.parent


def place(folder: Path) -> Environment:
    """The installation in a folder that was settled."""
    home = folder / "home"
    return Environment(folder / "config", str(home), f"sqlite:///{home / 'ledger.sqlite'}", EXPECTATIONS)
