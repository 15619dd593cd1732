"""How fast a POSLog is read and how much memory that takes: `python tests/bench/poslog.py --mb 500`.

The file is made of a dialect's golden file (or of another one) over and over, each transaction with a number
of its own. It is read in a process of its own, one thread, from a file on disk.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import measured, peak_mb, reading_speed

GOLDEN = Path(__file__).parents[1] / "golden" / "feeds"
_NUMBER = re.compile(rb"(<SequenceNumber>(?:<!\[CDATA\[)?)[0-9]+")


def write_large(source: Path, target: Path, size: int) -> None:
    """A file of at least ``size`` bytes of the transactions of ``source``, numbered from 1 on."""
    content = source.read_bytes()
    first, last = content.index(b"<Transaction"), content.rindex(b"</POSLog>")
    sales = [part + b"</Transaction>\n" for part in content[first:last].split(b"</Transaction>")[:-1]]
    number = written = 0
    with target.open("wb") as file:
        file.write(content[:first])
        while written < size:
            for sale in sales:
                number += 1
                written += file.write(_NUMBER.sub(rb"\g<1>%d" % number, sale, count=1))
        file.write(content[last:])


def read(feed_name: str, store_file: Path, file: Path) -> str:
    """Read a file; the receipts and takings, the seconds and the peak of this process's memory."""
    from storeday.feeds.base import StreamedFeed
    from storeday.stages.feed_files import store_from
    from storeday.stages.workplace import feed_and_rules

    feed, rules = feed_and_rules(store_from(store_file))
    assert isinstance(feed, StreamedFeed)
    idle = peak_mb()
    with measured() as took, file.open("rb") as stream:
        done = feed.read_stream(file.name, stream, rules)
    size = file.stat().st_size
    what = f"{feed_name}: {size / 1e6:,.0f} MB, {done.receipts:,} receipts, {done.tables.lines.num_rows:,} lines"
    return f"{what}; {reading_speed(took, size, idle)}"


def main() -> None:
    """Measure the dialects that are asked for, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=100)
    parser.add_argument("--feed", action="append", help="poslog-ncr and so on; all of them unless told")
    parser.add_argument("--of", type=Path, help="another file of that one feed to make it of")
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    for feed in told.feed or sorted(folder.name for folder in GOLDEN.glob("poslog-*")):
        source = sorted((GOLDEN / feed).glob("*/*.xml"))[0]
        if told.read:
            sys.stdout.write(read(feed, told.of or source.with_name("store.yaml"), told.read) + "\n")
            continue
        with tempfile.TemporaryDirectory() as folder:
            large = Path(folder) / "large.xml"
            write_large(told.of or source, large, told.mb * 1_000_000)
            store = source.with_name("store.yaml")
            if told.of:  # the store of the other file has a number of its own
                number = re.search(rb"<RetailStoreID>([0-9]+)", told.of.read_bytes())
                store = Path(folder) / "S12.yaml"
                text = source.with_name("store.yaml").read_text(encoding="utf-8")
                store.write_text(
                    re.sub(r"pos_store_id: .*", f'pos_store_id: "{number[1].decode() if number else ""}"', text),
                    encoding="utf-8",
                )
            command = [sys.executable, __file__, "--feed", feed, "--read", str(large), "--of", str(store)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
