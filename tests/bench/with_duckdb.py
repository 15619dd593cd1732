"""A day's sums as a DuckDB query over all files of a chain; a journal written. No checks."""

from __future__ import annotations

from pathlib import Path

from plain_journal import Sums, main

QUERY = """\
SELECT record, store, category, tax_class, tender,
       (sum(gross) * 100)::BIGINT AS gross, (sum(tax) * 100)::BIGINT AS tax, (sum(amount) * 100)::BIGINT AS amount
FROM read_csv(?, header = true, columns = {columns})
WHERE record IN ('LINE', 'TENDER', 'ZTENDER')
GROUP BY ALL
"""


def read(sources: Path) -> Sums:
    """One query over all files."""
    import duckdb
    from reading_floor import COLUMNS, MONEY

    columns = {name: "DECIMAL(18, 2)" if name in MONEY else "VARCHAR" for name in COLUMNS}
    rows = duckdb.connect().execute(QUERY.format(columns=columns), [str(sources / "*" / "*.csv")]).fetchall()
    return Sums(
        sales=[
            (store, category, tax_class, gross, tax)
            for kind, store, category, tax_class, _, gross, tax, _ in rows
            if kind == "LINE"
        ],
        tenders=[(store, tender, amount) for kind, store, _, _, tender, _, _, amount in rows if kind == "TENDER"],
        counted=[(store, tender, amount) for kind, store, _, _, tender, _, _, amount in rows if kind == "ZTENDER"],
    )


if __name__ == "__main__":
    main(read)
