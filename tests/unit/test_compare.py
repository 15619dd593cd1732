"""Holding an outbox to what the tills sold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from shops import OpenShop
from storeday.demo.compare import differences
from tills import DAY, Till, sale, z


def test_what_a_killed_run_left_half_written_in_the_outbox_is_no_batch(open_shop: OpenShop, tmp_path: Path) -> None:
    shop = open_shop("S01")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    sold = {"category": "GROCERY", "tax_class": "STD", "gross_minor": 1260, "tax_minor": 210}
    day = {"expected": "staged", "sales": [sold], "tenders": {"CASH": 1260}, "over_short": {}}
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps({"stores": {"S01": {DAY.isoformat(): day}}}))
    outbox = shop.home / "outbox"
    (batch,) = (outbox / "corner-shops" / DAY.isoformat()).iterdir()
    assert differences(shop.work.settings, outbox, truth) == []

    whole, begun = (batch.with_name(f".{batch.name}.{word}") for word in ("whole", "begun"))
    shutil.copytree(batch, whole)
    shutil.copytree(batch, begun)
    (begun / "transactions.csv").unlink()

    assert differences(shop.work.settings, outbox, truth) == []
