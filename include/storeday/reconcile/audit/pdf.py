"""The audit as a PDF on A4: the same words and figures as the page.

The same audit gives the same bytes: reportlab's invariant mode leaves the clock out. Its fonts hold the letters of
Western Europe; a name with others is spelt in ASCII here, and as it is on the page.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape

from anyascii import anyascii
from reportlab.lib.colors import HexColor, white
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, KeepTogether, PageTemplate, Paragraph, Spacer
from reportlab.platypus import Table as Laid

from storeday.model.letters import LETTERS
from storeday.model.store_day import State
from storeday.reconcile.audit.charts import WIDTH, drawing_of
from storeday.reconcile.audit.palette import DIM, INK, LIGHT, LINE
from storeday.reconcile.audit.view import Calendar, Shown
from storeday.sage50.sheet_tables import Table

_TEXT: Final = ParagraphStyle("text", fontName="Helvetica", fontSize=8, leading=10, textColor=HexColor(INK))
_CELL: Final = ParagraphStyle("cell", _TEXT, fontSize=7, leading=8.6)
_AMOUNT: Final = ParagraphStyle("amount", _CELL, alignment=TA_RIGHT)
_HEAD: Final = ParagraphStyle("head", _CELL, textColor=HexColor(DIM), fontName="Helvetica-Bold")
_HEAD_AMOUNT: Final = ParagraphStyle("head amount", _HEAD, alignment=TA_RIGHT)
_BOLD: Final = ParagraphStyle("bold", _CELL, fontName="Helvetica-Bold")
_BOLD_AMOUNT: Final = ParagraphStyle("bold amount", _BOLD, alignment=TA_RIGHT)
_TITLE: Final = ParagraphStyle("title", _TEXT, fontName="Helvetica-Bold", fontSize=16, leading=20)
_ABOUT: Final = ParagraphStyle("about", _TEXT, textColor=HexColor(DIM))
_SECTION: Final = ParagraphStyle("section", _TEXT, fontName="Helvetica-Bold", fontSize=10, leading=13, spaceBefore=9)
_NOTE: Final = ParagraphStyle("note", _ABOUT, fontSize=7, leading=9)
_VERDICT: Final = ParagraphStyle("verdict", _TEXT, fontName="Helvetica-Bold", fontSize=11, leading=14)
_TILE: Final = ParagraphStyle("tile", _ABOUT, fontSize=7, leading=11)

_NAME_WIDTH: Final = 122
_FITS: Final = 12  # figures of a tile at its full size
_GREEN: Final = LIGHT["confirmed"]
_AMBER: Final = LIGHT["held"]


def pdf_of(said: Shown) -> bytes:
    """The PDF."""
    target = io.BytesIO()
    document = BaseDocTemplate(
        target, pagesize=A4, title=_plain(f"Audit: {said.title}"), author="storeday", invariant=1
    )

    def foot(canvas: Canvas, _: Any) -> None:
        canvas.setFont("Helvetica", 7)
        canvas.setFillColor(HexColor(DIM))
        canvas.drawString(12 * mm, 8 * mm, _plain(said.title))
        canvas.drawRightString(A4[0] - 12 * mm, 8 * mm, f"page {canvas.getPageNumber()}")

    side, bottom = 12 * mm, 14 * mm
    whole = Frame(side, bottom, A4[0] - 2 * side, A4[1] - bottom - side, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[whole], onPage=foot))
    document.build(list(_story(said)))
    return target.getvalue()


def _story(said: Shown) -> Iterator[Flowable]:
    yield _words(said.title, _TITLE)
    yield _words(said.about, _ABOUT)
    yield Spacer(0, 5)
    yield _verdict(said)
    yield Spacer(0, 6)
    yield _tiles(said)
    if said.calendar.rows:
        yield _words("Every store-day", _SECTION)
        if said.calendar.left_out:
            drawn, left = len(said.calendar.rows), said.calendar.left_out
            yield _words(
                f"Drawn are the {drawn} stores that need a look first; {left:,} more are in the figures.", _NOTE
            )
        yield _calendar(said.calendar)
        yield Spacer(0, 4)
        yield _legend(said.calendar)
    for chart in said.charts:
        yield KeepTogether([_words(chart.title, _SECTION), drawing_of(chart), _words(chart.words, _NOTE)])
    for table in said.tables:
        yield from _table(table)
    if said.nothing:
        yield KeepTogether([_words("Nothing of this kind", _SECTION), _words(" · ".join(said.nothing), _TEXT)])
    yield _words("What these figures can and can't say", _SECTION)
    for note in said.notes:
        yield _words(f"• {note}", _TEXT)


def _verdict(said: Shown) -> Laid:
    pair = _GREEN if said.is_clean else _AMBER
    style = ParagraphStyle("said", _VERDICT, textColor=HexColor(pair.ink))
    box = [
        ("BACKGROUND", (0, 0), (-1, -1), HexColor(pair.ground)),
        ("LEFTPADDING", (0, 0), (-1, -1), 9),
        ("TOPPADDING", (0, 0), (-1, -1), 6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
    ]
    return Laid([[_words(said.verdict, style)]], colWidths=[WIDTH], style=box)


def _tiles(said: Shown) -> Laid:
    size = 11 if max(len(figure) for figure, _ in said.tiles) <= _FITS else 8.5
    cells = [
        Paragraph(
            f'<font name="Helvetica-Bold" size="{size}" color="{INK}">{_safe(figure)}</font><br/>{_safe(words)}', _TILE
        )
        for figure, words in said.tiles
    ]
    line = HexColor(LINE)
    style: list[Any] = [("BOX", (0, 0), (-1, -1), 0.5, line), ("INNERGRID", (0, 0), (-1, -1), 0.5, line)]
    style.append(("VALIGN", (0, 0), (-1, -1), "TOP"))
    return Laid([cells], colWidths=[WIDTH / len(cells)] * len(cells), style=style)


def _calendar(calendar: Calendar) -> Laid:
    heads = [["", *(f"{day:%a}"[:2] for day in calendar.days)], ["Store", *(str(day.day) for day in calendar.days)]]
    style: list[Any] = [
        ("FONT", (0, 0), (-1, 1), "Helvetica", 6),
        ("TEXTCOLOR", (0, 0), (-1, 1), HexColor(DIM)),
        ("FONT", (1, 2), (-1, -1), "Helvetica-Bold", 7),
        ("FONT", (0, 2), (0, -1), "Helvetica", 7),
        ("ALIGN", (1, 0), (-1, -1), "CENTER"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("INNERGRID", (1, 2), (-1, -1), 1, white),
        *((side, (0, 0), (-1, -1), 1) for side in ("TOPPADDING", "BOTTOMPADDING", "LEFTPADDING", "RIGHTPADDING")),
    ]
    rows = []
    for y, (code, name, squares) in enumerate(calendar.rows, start=2):
        rows.append([_shortened(f"{code} {name}"), *(_letter(square.letter) for square in squares)])
        for x, square in enumerate(squares, start=1):
            pair = LIGHT[square.state]
            style.append(("BACKGROUND", (x, y), (x, y), HexColor(pair.ground)))
            style.append(("TEXTCOLOR", (x, y), (x, y), HexColor(pair.ink)))
            if square.state == State.EXPECTED:
                style.append(("BOX", (x, y), (x, y), 0.8, HexColor(pair.ink)))
            if square.letter == LETTERS["confirmed"]:
                style.append(("FONT", (x, y), (x, y), "ZapfDingbats", 7))
    square_width = (WIDTH - _NAME_WIDTH) / len(calendar.days)
    return Laid(
        [*heads, *rows],
        colWidths=[_NAME_WIDTH, *[square_width] * len(calendar.days)],
        rowHeights=[8, 9, *[12.5] * len(rows)],
        repeatRows=2,
        style=style,
    )


def _legend(calendar: Calendar) -> Paragraph:
    parts = []
    for state, letter, words in calendar.meanings:
        pair = LIGHT[state]
        font = "ZapfDingbats" if letter == LETTERS["confirmed"] else "Helvetica-Bold"
        shown = f'<font name="{font}" color="{pair.ink}" backColor="{pair.ground}">{escape(_letter(letter))}</font>'
        parts.append(f"{shown} {_safe(words)}")
    return Paragraph("&nbsp;&nbsp;&nbsp; ".join(parts), _NOTE)


def _table(table: Table) -> Iterator[Flowable]:
    head: list[Flowable] = [_words(table.title, _SECTION)]
    if table.note:
        head.append(_words(table.note, _NOTE))
    rows = [
        [_words(cell, _HEAD if n < table.texts else _HEAD_AMOUNT) for n, cell in enumerate(table.columns)],
        *([_words(cell, _CELL if n < table.texts else _AMOUNT) for n, cell in enumerate(row)] for row in table.rows),
    ]
    style: list[Any] = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.6, HexColor(DIM)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, HexColor(LINE)),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        *((side, (0, 0), (-1, -1), 2) for side in ("TOPPADDING", "BOTTOMPADDING")),
    ]
    if table.total:
        rows.append([_words(cell, _BOLD if n < table.texts else _BOLD_AMOUNT) for n, cell in enumerate(table.total)])
        style.append(("LINEABOVE", (0, -1), (-1, -1), 0.8, HexColor(INK)))
    laid = Laid(rows, colWidths=_widths(table), repeatRows=1, style=style, splitByRow=1)
    yield from [*head, laid] if len(rows) > 12 else [KeepTogether([*head, laid])]


def _widths(table: Table) -> list[float]:
    """Columns as wide as their longest word at least; what is left goes to those whose texts are longer than that."""
    columns = [
        [_plain(row[n]) for row in [*table.rows, table.columns, *([table.total] if table.total else [])]]
        for n in range(len(table.columns))
    ]
    least = [max(_width(word) for cell in cells for word in cell.split() or [""]) for cells in columns]
    whole = [
        max(map(_width, cells)) if n >= table.texts else min(max(map(_width, cells)), WIDTH * 0.45)
        for n, cells in enumerate(columns)
    ]
    wanted = [max(small, large) - small for small, large in zip(least, whole, strict=True)]
    left = WIDTH - sum(least)
    share = left / sum(wanted) if sum(wanted) > left else 1
    given = [small + more * share for small, more in zip(least, wanted, strict=True)]
    return [width + max(0.0, WIDTH - sum(given)) / len(given) for width in given]


def _width(text: str) -> float:
    """Points that a cell of this text takes, its margins with it."""
    return float(stringWidth(text, "Helvetica-Bold", _CELL.fontSize)) + 12.5


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_safe(text), style)


def _safe(text: str) -> str:
    return escape(_plain(text))


def _letter(letter: str) -> str:
    return letter if letter == LETTERS["confirmed"] else _plain(letter)


def _plain(text: str) -> str:
    """Text in the letters that the PDF's fonts hold.

    >>> _plain("Café Łódź − 5")
    'Café Lódz - 5'
    """
    return "".join(sign if _is_held(sign) else anyascii(sign) or "?" for sign in text)


def _is_held(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _shortened(text: str, size: int = 32) -> str:
    plain = _plain(text)
    return plain if len(plain) <= size else plain[: size - 1] + "…"
