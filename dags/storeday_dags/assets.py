"""The assets of the way from till to Sage, in their order; their events carry counts, totals and digests."""

from airflow.sdk import Asset

LANDED = Asset(name="till_files_landed", uri="storeday://landing", group="storeday")
CHECKED = Asset(name="store_days_checked", uri="storeday://canonical", group="storeday")
READY = Asset(name="store_days_ready", uri="storeday://ledger/wanted_lines", group="storeday")
STAGED = Asset(name="sage_batches_staged", uri="storeday://staging", group="storeday")
DELIVERED = Asset(name="sage_batches_delivered", uri="storeday://outbox", group="storeday")
STOCK_STAGED = Asset(name="sage_stock_staged", uri="storeday://staging/stock", group="storeday")
STOCK_DELIVERED = Asset(name="sage_stock_delivered", uri="storeday://outbox/stock", group="storeday")
