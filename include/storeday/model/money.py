"""Money: whole minor units in, text out. No float ever holds an amount.

Source: docs/architecture.md, Money; the two-decimal currencies of Sage 50 (GBP, EUR, USD, CAD).
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def minor_of(text: str) -> int:
    """Minor units of a written amount with at most two decimals.

    Raises: ValueError where it is no such amount (an exponent, a third decimal, a thousands separator).

    >>> minor_of("12.5"), minor_of("-0.05"), minor_of("7")
    (1250, -5, 700)
    """
    if not text.isascii() or any(c not in "0123456789.-" for c in text):
        raise ValueError(f"{text!r} is not an amount of money")
    try:
        minor = Decimal(text) * 100
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount of money") from None
    if minor != int(minor):
        raise ValueError(f"{text!r} has more than two decimals")
    return int(minor)


def plain(minor: int) -> str:
    """An amount as files want it: no separators, always two decimals.

    >>> plain(123456), plain(-5)
    ('1234.56', '-0.05')
    """
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def money(minor: int) -> str:
    """An amount as people read it, with thousands separators.

    >>> money(123456), money(-5)
    ('1,234.56', '-0.05')
    """
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"
