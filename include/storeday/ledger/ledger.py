"""The ledger: files, store-days, decisions, batches, posting lines, stock, mappings, readings, and all changes to them.

Each public method is one transaction. What a task did is written in the transaction that changes the
state, so that a task killed anywhere can run again and finds either all of it or nothing. Two tasks on the
same store, or on the same company's day, write one after the other.
"""

from storeday.ledger.acceptances import NotSignedOff
from storeday.ledger.answers import AnswerOutdated, NotApproved
from storeday.ledger.batches import DraftOutdated
from storeday.ledger.day_files import DayFiles
from storeday.ledger.decisions import Decisions, NotInForce
from storeday.ledger.files import Files
from storeday.ledger.images import Images
from storeday.ledger.mappings import MappingOutdated, Mappings
from storeday.ledger.readings import Readings
from storeday.ledger.stock import Stock
from storeday.ledger.store_days import RolledBack
from storeday.ledger.told import Told

__all__ = [
    "AnswerOutdated",
    "DraftOutdated",
    "Ledger",
    "MappingOutdated",
    "NotApproved",
    "NotInForce",
    "NotSignedOff",
    "RolledBack",
]


class Ledger(Files, DayFiles, Decisions, Stock, Told, Readings, Mappings, Images):
    """One ledger, by SQLAlchemy URL."""
