"""How a store-day's state is shown: a letter and a few words, the same on the board and in the month's audit."""

from __future__ import annotations

from typing import Final

CLOSED: Final = "closed"

LETTERS: Final = {
    "expected": "–",
    "received": "R",
    "held": "H",
    "rolled back": "B",
    "ready": "K",
    "staged": "S",
    "delivered": "D",
    "confirmed": "✓",
    CLOSED: "·",
}
"""What a cell says beside its colour."""

MEANINGS: Final = {
    "expected": "missing: nothing came",
    "received": "received, not closed yet",
    "held": "held: waits for a person",
    "rolled back": "rolled back by a person",
    "ready": "checked and ready",
    "staged": "staged, in a draft",
    "delivered": "delivered",
    "confirmed": "confirmed by Sage",
    CLOSED: "closed, or before the first day",
}
