"""Tables as files that a spreadsheet opens, and that no cell can turn into a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from xlsxwriter import Workbook

FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST_TITLE, LONGEST_CELL = 31, 32_767
"""What Excel takes."""


def neutral(cell: object) -> str:
    """A cell as text; one that a spreadsheet would compute gets an apostrophe in front (OWASP, CSV injection)."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def csv_sheet(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV for a Swiss Excel: `;` between the cells, CRLF, UTF-8 with its mark. Figures stay figures."""
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";", lineterminator="\r\n")
    sheet.writerow([neutral(one) for one in headings])
    for row in rows:
        sheet.writerow([one if isinstance(one, int | float) else neutral(one) for one in row])
    return written.getvalue().encode("utf-8-sig")


def xlsx_sheet(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet; texts are typed as texts, so that nothing is ever computed, and no link is made."""
    written = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(written, options) as book:
        sheet = book.add_worksheet(title[:LONGEST_TITLE])
        sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, int | float):
                    sheet.write_number(number, place, cell)
                elif cell is not None:
                    sheet.write_string(number, place, str(cell)[:LONGEST_CELL])
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return written.getvalue()
