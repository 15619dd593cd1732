"""The stand-in Sage on files that somebody checked by hand: the second opinion on what is staged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from figures import COMPANY, MAPPING, STORE, TAKINGS, TILL_CONTROL, store
from sage_company import balances, boxes, imported, table, trial_balance
from storeday.config.mappings import MappingBlock
from storeday.config.sage_facts import SageFacts
from storeday.config.settings import CompanySettings
from storeday.sage50.rows import HEADER
from storeday.sage50.sandbox.company import Sandbox
from storeday.sage50.sandbox.exports import balances_csv, transaction_csv
from storeday.sage50.sandbox.masters import masters_from
from storeday.sage50.sandbox.records import import_products
from storeday.sage50.sandbox.stock import import_stock

HERE = Path(__file__).parent
Golden = Callable[[Path, bytes], None]

STAGED = [path for path in sorted(HERE.glob("*/*.csv")) if path.read_bytes().startswith(",".join(HEADER).encode())]
"""Every golden transactions file, whatever profile it is of."""


def sage_of_the_company() -> Sandbox:
    block = MappingBlock.model_validate(MAPPING.model_dump(exclude={"version"}))
    stores = (STORE, store("S02", "Leeds Briggate", 2), store("S03", "York Stonegate", 3))
    return Sandbox.in_memory(masters_from(CompanySettings(company=COMPANY, stores=stores, mappings=(block,))))


def test_the_worked_example_leaves_the_balances_worked_out_by_hand(golden: Golden) -> None:
    sage = sage_of_the_company()

    imported(sage, (HERE / "bank_receipts" / "worked_example.csv").read_bytes())

    with sage.reading() as connection:
        golden(HERE / "sandbox" / "worked_example_balances.csv", balances_csv(connection))
    assert boxes(sage) == {1: "201.00", 6: "1330.00"}


@pytest.mark.parametrize("path", STAGED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_staged_file_leaves_till_control_and_takings_customer_at_nothing(path: Path) -> None:
    sage = sage_of_the_company()

    done = imported(sage, path.read_bytes())

    left = balances(sage)
    assert (done.refused, trial_balance(sage)) == ((), 0)
    assert TILL_CONTROL not in left
    assert f"customer {TAKINGS}" not in left
    with sage.reading() as connection:
        assert transaction_csv(connection) == path.read_bytes()


def test_there_are_staged_files_to_look_at() -> None:
    names = {path.stem for path in STAGED}

    assert names >= {"worked_example", "late_receipt", "net_negative", "tax_alone"}


def test_staged_stock_leaves_the_quantities_worked_out_by_hand() -> None:
    sage = sage_of_the_company()
    import_products(sage, b"10001,Bread\r\n10002,Cheese\r\n", SageFacts())

    done = [
        import_stock(sage, (HERE / "stock" / f"{day}_day.csv").read_bytes(), SageFacts())
        for day in ("first", "second", "third")
    ]

    assert [(day.taken, day.refused) for day in done] == [(3, ()), (3, ()), (2, ())]
    # 10001: -5 + 1, then -1 + 2, then -1 - 3; 10002: -0.26, then -0.26
    assert table(sage, "STOCK", "STOCK_CODE", "QTY_IN_STOCK") == [("10001", "-7.00"), ("10002", "-0.52")]
