"""A chain of sample stores as one company: its settings, its till files, its installation. For benchmarks.

The files are the sample's own (``storeday sample``), with totals known beforehand in truth.json.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import storeday
from storeday.config.environment import Environment
from storeday.sample import SampleOrder, write_sample
from storeday.sample.order import till_count
from storeday.stages.workplace import Workplace

PROJECT = Path(storeday.__file__).parents[2]
"""The project whose code is measured: another checkout than this one where PYTHONPATH says so."""
COMPANY = "northern-larder"
STORE = """\
code: {code}
name: Shop {code}
timezone: Europe/London
department: {department}
feed: storeday-csv
source: {{kind: folder, path: "{folder}"}}
tills: [{tills}]
"""


def lay_out(folder: Path, *, stores: int, receipts: int, day: date, days: int = 1) -> SampleOrder:
    """Write a chain's settings and till files below a folder, unless they are there; what was ordered."""
    order = SampleOrder(out=folder / "sources", start=day, receipts=receipts, stores=stores, days=days)
    config = folder / "config" / COMPANY
    if not (folder / "sources" / "truth.json").exists():
        write_sample(order)
    (config / "stores").mkdir(parents=True, exist_ok=True)
    for name in ("company.yaml", "mappings.yaml", "skus.csv"):
        shutil.copy(PROJECT / "include" / "config" / COMPANY / name, config / name)
    for number, code in enumerate(order.store_codes):
        tills = ", ".join(f'"{till + 1:02d}"' for till in range(till_count(number)))
        said = STORE.format(code=code, department=number % 1000, folder=order.out / code, tills=tills)
        (config / "stores" / f"{code}.yaml").write_text(said)
    return order


def without_stock(folder: Path) -> None:
    """Take the stock settings out of a chain's: stock is another DAG's, and the run of a day has no part in it."""
    company = folder / "config" / COMPANY / "company.yaml"
    company.write_text(company.read_text().partition("\nstock:")[0] + "\n")


@contextmanager
def installation(folder: Path, *, home: str = "home") -> Iterator[Workplace]:
    """The chain's installation, open; its state stays in the folder."""
    place = folder / home
    where = Environment(
        folder / "config", str(place), f"sqlite:///{place / 'ledger.sqlite'}", PROJECT / "include" / "expectations"
    )
    with Workplace.open("benchmark", where) as work:
        yield work
