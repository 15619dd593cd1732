"""How a text file that other programs export is written: encoding, decimal mark, dates."""

from __future__ import annotations

from typing import Literal

Encoding = Literal["detect", "utf-8", "utf-16", "windows-1252"]
Decimals = Literal["detect", "point", "comma"]
DateForm = Literal["YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY", "DD-Mon-YYYY"]
"""A year may have two digits where it comes last and a / or . is before it."""
