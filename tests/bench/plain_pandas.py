"""A day's sums as a plain pandas script makes them: every store's files read, grouped, a journal written. No checks."""

from __future__ import annotations

from pathlib import Path

from plain_journal import Sums, main

COLUMNS = ["record", "category", "tax_class", "gross", "tax", "tender", "amount"]
MONEY = ["gross", "tax", "amount"]


def read(sources: Path) -> Sums:
    """Store by store, as one would write it."""
    import pandas as pd

    sales, tenders, counted = [], [], []
    for folder in sorted(path for path in sources.iterdir() if path.is_dir()):
        rows = pd.concat([pd.read_csv(file, usecols=COLUMNS) for file in sorted(folder.glob("*.csv"))])
        rows[MONEY] = (rows[MONEY].fillna(0) * 100).round().astype("int64")
        sold = rows[rows["record"] == "LINE"].groupby(["category", "tax_class"])[["gross", "tax"]].sum()
        paid = rows[rows["record"] == "TENDER"].groupby("tender")["amount"].sum()
        held = rows[rows["record"] == "ZTENDER"].groupby("tender")["amount"].sum()
        sales += [(folder.name, *key, *sums) for key, sums in zip(sold.index, sold.to_numpy().tolist(), strict=True)]
        tenders += [(folder.name, tender, int(amount)) for tender, amount in paid.items()]
        counted += [(folder.name, tender, int(amount)) for tender, amount in held.items()]
    return Sums(sales, tenders, counted)


if __name__ == "__main__":
    main(read)
