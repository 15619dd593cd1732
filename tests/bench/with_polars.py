"""A day's sums as a Polars query over all files of a chain; a journal written. No checks."""

from __future__ import annotations

from pathlib import Path

from plain_journal import Sums, main


def read(sources: Path) -> Sums:
    """One lazy frame over all files; the three sums are collected together, so that the files are read once."""
    import polars as pl
    from reading_floor import COLUMNS, MONEY

    rows = pl.scan_csv(
        sources / "*" / "*.csv",
        schema={name: pl.Float64 if name in MONEY else pl.String for name in COLUMNS},
    ).with_columns((pl.col(name) * 100).round().cast(pl.Int64) for name in sorted(MONEY))
    sums = (
        rows.group_by("record", "store", "category", "tax_class", "tender")
        .agg(pl.col("gross").sum(), pl.col("tax").sum(), pl.col("amount").sum())
        .collect(engine="streaming")
    )

    def of(record: str, *columns: str) -> list[tuple]:
        return sums.filter(pl.col("record") == record).select(columns).rows()

    return Sums(
        sales=of("LINE", "store", "category", "tax_class", "gross", "tax"),
        tenders=of("TENDER", "store", "tender", "amount"),
        counted=of("ZTENDER", "store", "tender", "amount"),
    )


if __name__ == "__main__":
    main(read)
