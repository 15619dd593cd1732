"""Before a batch is written, a copy of the stand-in Sage imports it: what that says holds single store-days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sage_company import balances, file_of, imported, row
from shops import COMPANY, OpenShop, Shop
from storeday.config.sage_facts import SageFacts
from storeday.config.settings import CompanySettings
from storeday.model.store_day import State
from storeday.sage50.sandbox.company import Sandbox, sandbox_of
from storeday.sage50.sandbox.masters import CompanyMasters, masters_from
from storeday.sage50.sandbox.rehearsal import rehearse
from tills import DAY, Till, refund, sale, z


def settings_of(shop: Shop) -> CompanySettings:
    return shop.work.settings.company("corner-shops")


def sandbox_in(shop: Shop) -> Sandbox:
    """The company's sandbox, made on the first call."""
    return sandbox_of(settings_of(shop), shop.work.places.sandbox("corner-shops"))


def send(shop: Shop, store: str, *receipts: object) -> None:
    for part in [Till(store).slice("09:00", *receipts, z())]:  # type: ignore[arg-type]
        shop.send(part)


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """Two stores; S02 sells from the delicatessen as well, which goes to another nominal."""
    shop = open_shop("S01", "S02")
    send(shop, "S01", sale("12.60"))
    send(shop, "S02", sale("24.00", category="DELI"))
    return shop


def without(masters: CompanyMasters, nominal: str) -> CompanyMasters:
    kept = {code: name for code, name in masters.nominals.items() if code != nominal}
    return CompanyMasters(**{**masters.__dict__, "nominals": kept})


def test_a_nominal_that_nobody_made_in_sage_holds_its_store_alone_until_it_is_made(shop: Shop) -> None:
    sage = Sandbox.at(Path(shop.work.places.sandbox("corner-shops")))
    sage.add_masters(without(masters_from(settings_of(shop)), "4001"))

    shop.run()
    held, staged = shop.held("S02"), {line["Reference"] for line in shop.rows()}
    sage.add_masters(masters_from(settings_of(shop)))
    shop.run()

    assert held == [
        "S02 2026-11-22 held: the stand-in Sage refuses its rows",
        "  1 of 3 rows",
        "  nominal 4001 does not exist",
        "  Make what is missing in Sage and in the sandbox, or correct the settings, then run the day again.",
    ]
    assert staged == {"S01-261122", "S01-261122-T"}
    assert shop.state("S02") is State.DELIVERED
    assert {line["Reference"] for line in shop.rows()} == staged | {"S02-261122", "S02-261122-T"}


def test_a_day_that_would_move_other_boxes_in_this_sage_is_held_alone(open_shop: OpenShop) -> None:
    company = COMPANY + "sage: {sales_credit_vat: boxes_4_and_7}\n"
    shop = open_shop("S01", "S02", company=company)
    send(shop, "S01", sale("12.60"))
    send(shop, "S02", sale("12.00"), refund("36.00"))

    shop.run()

    assert shop.held("S02")[:-1] == [
        "S02 2026-11-22 held: the stand-in Sage books its rows otherwise than they prove",
        "  4 of 4 figures",
        "  box 1 would move by 0.00; its rows prove -4.00",
        "  box 4 would move by 4.00; its rows prove 0.00",
        "  box 6 would move by 0.00; its rows prove -20.00",
        "  box 7 would move by 20.00; its rows prove 0.00",
    ]
    assert shop.state("S01") is State.DELIVERED


def test_an_older_sage_with_short_references_takes_none_of_them(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=COMPANY + "sage: {reference_size: 8}\n")
    send(shop, "S01", sale("12.60"))

    shop.run()

    assert "  reference 'S01-261122' has 10 characters; it takes 8" in shop.held("S01")
    assert shop.rows() == []


def test_what_stands_in_the_sandbox_already_changes_no_rehearsal_and_a_rehearsal_changes_nothing(shop: Shop) -> None:
    sage = sandbox_in(shop)
    shop.run()
    (folder,) = (shop.home / "outbox" / "corner-shops" / DAY.isoformat()).iterdir()
    content = (folder / "transactions.csv").read_bytes()
    imported(sage, content)
    before = balances(sage)

    rehearsal = rehearse([content], settings_of(shop), shop.work.places.sandbox("corner-shops"))

    assert rehearsal.refused == ()
    assert rehearsal.box(6, ["S01-261122"]) == 10_50
    assert rehearsal.nominal("1235", ["S01-261122", "S01-261122-T"]) == 0
    assert balances(sage) == before


def test_several_files_are_imported_one_after_the_other(shop: Shop) -> None:
    files = [
        file_of(row("SC", "TAKINGS", "4000", "20.00", "T1", "4.00", reference="S01-261122")),
        file_of(row("SP", "TAKINGS", "1235", "24.00", reference="S01-261122")),
    ]

    rehearsal = rehearse(files, settings_of(shop))

    assert rehearsal.customer("TAKINGS", ["S01-261122"]) == 0
    assert rehearsal.nominal("1235", ["S01-261122"]) == -24_00
    assert (rehearsal.box(1, ["S01-261122"]), rehearsal.box(6, ["S01-261122"])) == (-4_00, -20_00)


def test_what_is_wrong_with_a_whole_file_is_told_of_every_store_in_it(shop: Shop) -> None:
    company = settings_of(shop)
    limited = company.model_copy(
        update={"company": company.company.model_copy(update={"sage": SageFacts(row_limit=1), "lock_date": date.min})}
    )
    rows = [row("BR", "1235", "4000", "1.00", "T0", reference=f"{store}-261122") for store in ("S01", "S02")]

    rehearsal = rehearse([file_of(*rows)], limited)

    assert rehearsal.refusals(["S01-261122"]) == rehearsal.refusals(["S02-261122"]) == ["2 rows; one import takes 1"]
