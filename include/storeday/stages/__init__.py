"""The stages in their order: collect, check, post, stage, deliver. The one place that knows all the rooms.

DAG tasks and the command line call these, one call a task. Each stage can be killed at any instruction and
run again: it finds what is done, does the rest, and ends with the same bytes.
"""

from storeday.stages.batches import Staged, brings_records, deliver, stage, would_stage
from storeday.stages.close import Checked, check, post
from storeday.stages.collect import Collected, collect
from storeday.stages.missing import about_to_vanish, missing
from storeday.stages.overview import StoreDayLine, check_config, overview, stores_of
from storeday.stages.together import Outcome, close_stores, collect_stores
from storeday.stages.workplace import Workplace

__all__ = [
    "Checked",
    "Collected",
    "Outcome",
    "Staged",
    "StoreDayLine",
    "Workplace",
    "about_to_vanish",
    "brings_records",
    "check",
    "check_config",
    "close_stores",
    "collect",
    "collect_stores",
    "deliver",
    "missing",
    "overview",
    "post",
    "stage",
    "stores_of",
    "would_stage",
]
