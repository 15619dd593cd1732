"""A whole month of the sample's five stores, audited: what docs/pictures/audit.png and audit-page.png show.

Closed in this process, without Airflow: one store-day is held, of one nothing came, one is taken back. All that was
handed over is imported into a sandbox, where somebody deletes a receipt, and read back. A few minutes.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pypdfium2
import yaml
from playwright.sync_api import Browser
from storeday.config.environment import Environment
from storeday.config.settings import CompanySettings
from storeday.demo.faults import deliveries_of
from storeday.demo.run import PROJECT
from storeday.sage50.sandbox import by_hand
from storeday.sage50.sandbox.batch_files import files_of, import_file, rules_of
from storeday.sage50.sandbox.company import sandbox_of
from storeday.sample import SampleOrder, write_sample
from storeday.stages.audit import PAGE, PDF, audit_month
from storeday.stages.corrections import rollback
from storeday.stages.readback import read_sandbox
from storeday.stages.reconcile import reconcile
from storeday.stages.run import run_days
from storeday.stages.workplace import Workplace

FIRST, DAYS = date(2026, 10, 1), 31
HELD, MISSING, TAKEN_BACK = ("S03", 20), ("S05", 26), ("S02", 9)
"""Store and day of the month of what did not go as it should."""

Say = Callable[[str], None]


def audited_month(folder: Path, say: Say, *, receipts: int = 60) -> Path:
    """The folder of the audit of a month that is made, closed, imported and read back below ``folder``."""
    last = FIRST + timedelta(days=DAYS - 1)
    held = (HELD[0], FIRST.replace(day=HELD[1]))
    write_sample(SampleOrder(out=folder / "tills", start=FIRST, days=DAYS, receipts=receipts, broken=(held,)))
    for file in (folder / "tills" / MISSING[0]).glob(f"*{FIRST.replace(day=MISSING[1]):%Y%m%d}T*"):
        file.unlink()
    home = folder / "home"
    where = Environment(
        config=_settings(folder),
        home=str(home),
        ledger_url=f"sqlite:///{home / 'ledger.sqlite'}",
        expectations=PROJECT / "include" / "expectations",
    )
    with Workplace.open("the pictures", where) as work:
        company = work.settings.companies[0]
        code, stores = company.company.code, [store.code for store in company.stores]
        run_days(work, [FIRST + timedelta(days=n) for n in range(DAYS)], stores, say=say)
        day = FIRST.replace(day=TAKEN_BACK[1])
        rollback(work, TAKEN_BACK[0], day, why="rung up in the wrong store", by="Ann Smith", say=say)
        _import_all(work, company)
        reconcile(work, code, FIRST, last, read_sandbox(work, company.company, FIRST))
        audited = audit_month(work, code, FIRST)
    say(str(audited))
    return Path(audited.folder)


def take(browser: Browser, audit: Path, pictures: Path) -> None:
    """The first page of the PDF, and the top of the page in the dark."""
    pypdfium2.PdfDocument(audit / PDF)[0].render(scale=1.7).to_pil().save(pictures / "audit.png")
    page = browser.new_page(viewport={"width": 1200, "height": 1100}, color_scheme="dark")
    page.goto((audit / PAGE).as_uri())
    page.screenshot(path=pictures / "audit-page.png")


def _settings(folder: Path) -> Path:
    """The sample company's settings, its stores' files in a folder instead of on a server."""
    config = folder / "config"
    shutil.copytree(PROJECT / "include" / "config", config)
    for file in config.glob("*/stores/*.yaml"):
        said = yaml.load(file.read_text(), yaml.BaseLoader)  # noqa: S506  # text alone: codes keep their zeros
        said["source"] = {"kind": "folder", "path": str(folder / "tills" / said["code"])}
        file.write_text(yaml.safe_dump(said, sort_keys=False))
    return config


def _import_all(work: Workplace, company: CompanySettings) -> None:
    """Everything in the outbox into the company's sandbox; the largest receipt of a day is deleted there."""
    sage = sandbox_of(company, work.places.sandbox(company.company.code))
    for each in deliveries_of(work, company.company.code):
        for kind, file in files_of(each.folder):
            import_file(sage, kind, file.read_bytes(), rules_of(company.company))
    sales = by_hand.transactions(sage, f"S04-{FIRST.replace(day=14):%y%m%d}")
    largest = max((found for found in sales if found.row.type == "BR"), key=lambda found: found.row.gross_minor)
    by_hand.delete_transaction(sage, largest.number)
