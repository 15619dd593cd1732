"""How fast exports are read and with how much memory: `python tests/bench/exports.py --mb 100`.

storeday-csv is read from generated receipts of one to five lines; each other feed from its golden slice over and
over, with a key of its own a time. One thread, each in a process of its own, from files on disk.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import measured, peak_mb, reading_speed

GOLDEN = Path(__file__).parents[1] / "golden" / "feeds"
NAME = "S01_20261122T0000.csv"
HEADER = (
    "record,store,till,receipt,line,at,kind,sku,description,category,quantity,unit_price,discount,gross,"
    "tax_class,tax,tender,amount,customer,original\n"
)


def write_contract(target: Path, size: int) -> None:
    """A storeday-csv file of at least ``size`` bytes: eight tills that all sell without a pause."""
    chance = random.Random(50)  # noqa: S311, sample prices
    with target.open("w", encoding="utf-8") as file:
        written, number = file.write(HEADER), 0
        while written < size:
            till, receipt = f"{number % 8 + 1:02d}", f"{number // 8 + 1:08d}"
            second = number // 40 % 86_000
            at = f"2026-11-22T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}+00:00"
            lines, total, taxes = [], 0, 0
            for line in range(1, chance.randint(2, 6)):
                sku, price = chance.randint(10_000, 14_999), chance.randint(50, 1_999)
                tax = (price * 20 + 60) // 120
                total, taxes = total + price, taxes + tax
                lines.append(
                    f'LINE,S01,{till},{receipt},{line},,,{sku},"Article {sku}, 500 g",GROCERY,1,{pounds(price)},,'
                    f"{pounds(price)},STD,{pounds(tax)},,,,\n"
                )
            written += file.write(
                f"RECEIPT,S01,{till},{receipt},,{at},sale,,,,,,,{pounds(total)},,{pounds(taxes)},,,,\n"
                + "".join(lines)
                + f"TENDER,S01,{till},{receipt},1,,,,,,,,,,,,VISA,{pounds(total)},,\n"
            )
            number += 1


def pounds(pence: int) -> str:
    return f"{pence // 100}.{pence % 100:02d}"


def write_slice(case: Path, keys: dict[str, str], folder: Path, size: int) -> None:
    """A golden slice over and over; ``keys`` has each file's column that names a receipt."""
    blocks = {}
    for name, key in keys.items():
        rows = list(csv.reader(io.StringIO((case / name).read_text(encoding="utf-8-sig"), newline=""), delimiter=","))
        place, out = rows[0].index(key), io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(
            [*row[:place], f"{row[place]}@@", *row[place + 1 :]] for row in rows[1:]
        )
        header = io.StringIO(newline="")
        csv.writer(header, lineterminator="\n").writerow(rows[0])
        blocks[name] = (header.getvalue(), out.getvalue())
    times = size // sum(len(block) for _, block in blocks.values()) + 1
    for name, (header_text, block) in blocks.items():
        (folder / name).parent.mkdir(exist_ok=True)
        with (folder / name).open("w", encoding="utf-8") as file:
            file.write(header_text)
            for time_ in range(times):
                file.write(block.replace("@@", f"{time_:07d}"))


def write_sales(source: Path, target: Path, size: int) -> None:
    """K-Series sales over and over, each with an account of its own."""
    said = json.loads(source.read_text(encoding="utf-8"))
    sales = said.pop("sales")
    for sale in sales:
        sale["accountFiscId"] += "@@"
    block = ",\n".join(json.dumps(sale, indent=1, ensure_ascii=False) for sale in sales)
    with target.open("w", encoding="utf-8") as file:
        file.write(json.dumps(said)[:-1] + ', "sales": [\n')
        for time_ in range(size // len(block) + 1):
            file.write((",\n" if time_ else "") + block.replace("@@", f"{time_:07d}"))
        file.write("]}\n")


def read(feed_name: str, case: Path | None, folder: Path, names: list[str]) -> str:
    """Read a slice; the seconds of processor time and the peak of this process's memory."""
    import pyarrow as pa
    from storeday.feeds.base import ReadingRules, read_slice
    from storeday.feeds.registry import FEEDS
    from storeday.model.content import Content
    from storeday.stages.feed_files import store_from
    from storeday.stages.workplace import feed_and_rules

    pa.set_cpu_count(1)
    if case is None:
        feed, rules = FEEDS[feed_name], ReadingRules("S01", "Europe/London", 0, slice_minutes=24 * 60)
    else:
        feed, rules = feed_and_rules(store_from(case / "store.yaml"))
    parts = {}
    for name in names:
        parts[name] = Content()
        with (folder / name).open("rb") as file:
            while chunk := file.read(1 << 20):
                parts[name].write(chunk)
    size = sum((folder / name).stat().st_size for name in names)
    idle = peak_mb()
    with measured() as took:
        done = read_slice(feed, parts, rules)
    what = f"{feed_name}: {size / 1e6:,.0f} MB, {done.records:,} rows, {done.receipts:,} receipts"
    return f"{what}; {reading_speed(took, size, idle)}"


def main() -> None:
    """Measure the feeds that are asked for."""
    from storeday.feeds.declared import DeclaredFeed
    from storeday.feeds.registry import FEEDS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=100)
    parser.add_argument("--feed", action="append", help="all of them unless told")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    declared = [name for name, feed in FEEDS.items() if isinstance(feed, DeclaredFeed)]
    for name in told.feed or ["storeday-csv", *declared]:
        feed = FEEDS[name]
        case, names, keys = None, [NAME], {}
        if isinstance(feed, DeclaredFeed):
            golden = next(
                path for path in sorted((GOLDEN / name).rglob("*.golden.json")) if "included" not in str(path)
            )
            case = next(parent for parent in golden.parents if (parent / "store.yaml").exists())
            main_name = golden.relative_to(case).as_posix().removesuffix(".golden.json")
            names = [main_name, *feed.companions_of(main_name)]
        if isinstance(feed, DeclaredFeed) and names[0].endswith(".csv"):
            roles = ["", *(file.role for file in feed.companions)]
            keys = {each: feed.key_of(role) for each, role in zip(names, roles, strict=True)}
        if told.read:
            sys.stdout.write(read(name, case, told.read, names) + "\n")
            continue
        with tempfile.TemporaryDirectory() as folder:
            if case is None:
                write_contract(Path(folder) / NAME, told.mb * 1_000_000)
            elif not keys:
                write_sales(case / names[0], Path(folder) / names[0], told.mb * 1_000_000)
            else:
                write_slice(case, keys, Path(folder), told.mb * 1_000_000)
            subprocess.run([sys.executable, __file__, "--feed", name, "--read", folder], check=True)


if __name__ == "__main__":
    main()
