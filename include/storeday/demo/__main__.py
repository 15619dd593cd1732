"""`make demo`: run the demo, print what came of it, and stay up until Ctrl-C, or (`--exit`) stop and judge.

Exit codes: 0 the outbox equals truth.json and the faults planted in Sage were found; 1 not so, or something broke.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from datetime import date
from pathlib import Path

from storeday.demo.run import PROJECT, Compared, Demo, Outcome, audits, backfill, reconcile_week, running
from storeday.model.errors import StoredayError


def main() -> int:
    """The demo from start to end."""
    options = argparse.ArgumentParser(prog="make demo", description=__doc__)
    options.add_argument("--exit", action="store_true", help="stop when done; 0 only if all is as it should be")
    options.add_argument("--folder", type=Path, default=PROJECT / ".demo", help="where the demo lives")
    asked = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped as on Ctrl-C
    try:
        with running(asked.folder.resolve(), date.today(), _say) as demo:  # the sample's days only
            outcome = backfill(demo, _say)
            _report(demo, outcome)
            compared = reconcile_week(demo, _say)
            _report_faults(compared)
            _say(f"The months so far: {', '.join(audits(demo))}")
            if not asked.exit:
                _stay(demo)
    except KeyboardInterrupt:
        _say("\nStopped.")
        return 130 if asked.exit else 0
    except StoredayError as error:
        _say(f"make demo: {error}")
        return 1
    return 1 if outcome.differences or outcome.unexpected_runs or compared.not_as_planted else 0


def _report(demo: Demo, outcome: Outcome) -> None:
    from storeday.stages.table import store_day_table

    _say("")
    _say(store_day_table(outcome.lines, colour=sys.stdout.isatty()))
    _say("Staged for Sage 50 (transactions.csv or stock.csv to import, sheet.html to sign, manifest.json):")
    for folder in outcome.folders:
        _say(f"  {folder}")
    _say("")
    if outcome.new_batches:
        _say(f"{outcome.new_batches} new batches staged and delivered.")
    else:
        _say("Nothing new was staged: every store-day is in Sage's outbox as it is wanted, or held.")
    for difference in outcome.differences:
        _say(f"NOT AS IT SHOULD BE  {difference}")
    for run in outcome.unexpected_runs:
        _say(f"NOT AS IT SHOULD BE  the run of {run.day} ended {run.state}")
    if not outcome.differences and not outcome.unexpected_runs:
        _say("The outbox equals truth.json, to the penny and to the hundredth of a unit of stock, in every store-day.")
    _say("")
    _say(f"Airflow's web UI: {demo.airflow.url}/dags/close_store_days")
    _say(f"The store-day board in it: {demo.airflow.url}/plugin/store-days")
    _say(f"  user {demo.airflow.user}   password {demo.airflow.password}")
    _say(f"  user {demo.airflow.reader}  password {demo.airflow.reader_password}   (may look and do nothing)")


def _report_faults(compared: Compared) -> None:
    from storeday.stages.difference_table import difference_table

    _say("")
    _say(difference_table(compared.found, colour=sys.stdout.isatty()))
    _say(str(compared.found))
    for wrong in compared.not_as_planted:
        _say(f"NOT AS IT SHOULD BE  {wrong}")
    if not compared.not_as_planted:
        _say("All six faults were found in Sage and named rightly, and nothing else was reported.")


def _stay(demo: Demo) -> None:
    _say("\nIt stays up for you to look around; Ctrl-C stops everything.")
    while True:
        demo.airflow.check()
        time.sleep(2)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
