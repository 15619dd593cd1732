"""The audit's colours: of states as on the board, and of charts; light for paper and day, dark for the night."""

from __future__ import annotations

from typing import Final, NamedTuple


class Pair(NamedTuple):
    """A ground and the ink upon it, with enough contrast to be read."""

    ground: str
    ink: str


LIGHT: Final = {
    "confirmed": Pair("#d3f1dc", "#0b5d2a"),
    "delivered": Pair("#d2eef0", "#0b5560"),
    "staged": Pair("#d6e6fd", "#0b4796"),
    "ready": Pair("#e5e3fb", "#4334a0"),
    "received": Pair("#e8ebf0", "#3b4a60"),
    "held": Pair("#ffe3b0", "#7a4300"),
    "rolled back": Pair("#ffd2d0", "#8c1410"),
    "expected": Pair("#ffffff", "#b3261e"),
    "closed": Pair("#ffffff", "#55637a"),
}
DARK: Final = {
    "confirmed": Pair("#143d25", "#9be3b4"),
    "delivered": Pair("#123c42", "#98dee7"),
    "staged": Pair("#17335c", "#a9cbff"),
    "ready": Pair("#2d2760", "#c9c2ff"),
    "received": Pair("#2a3444", "#c3cede"),
    "held": Pair("#55390b", "#ffd792"),
    "rolled back": Pair("#571c1a", "#ffb3ae"),
    "expected": Pair("#111722", "#ff8a80"),
    "closed": Pair("#111722", "#a3b0c4"),
}

INK: Final = "#1a2b42"
DIM: Final = "#55637a"
LINE: Final = "#dde4ee"
SERIES: Final = ("#0166c4", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8392a8")
"""Of a chart's bars, told apart with every kind of colour vision (Okabe and Ito); the last is for what is left."""
