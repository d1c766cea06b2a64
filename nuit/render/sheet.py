"""Tables as files that a spreadsheet opens, and that no cell can turn into a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
