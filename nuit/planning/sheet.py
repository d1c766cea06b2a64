"""Sheets as people send them: CSV in any usual encoding and with any usual separator, or XLSX; lines of plain text out."""

import base64
import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from itertools import chain, islice
from typing import Any

LARGEST = 20 * 2**20
"""Bytes of a file."""
LARGEST_UNPACKED = 200 * 2**20
"""Bytes of an XLSX once unpacked: a sheet that is a bomb is refused before it is opened."""
MOST_LINES, MOST_COLUMNS = 100_000, 100
SEPARATORS = (";", ",", "\t")
TITLES = 15
"""Lines in which a header is looked for: people write titles and dates above it."""
LARGEST_PACKED = 900_000
"""Characters of a sheet that travels in a form, between being shown and being written."""


class BadSheet(ValueError):
    """A file that cannot be read at all; its text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet; `number` is where its reader finds it, `cells` by the header as it is written."""

    number: int
    cells: dict[str, str]


def read_sheet(
    name: str, content: bytes, is_header: Callable[[Sequence[str]], bool] = lambda _cells: False
) -> list[Line]:
    """The lines below the header, without empty ones and empty cells. Raises BadSheet.

    The header is the first line that `is_header` knows, near the top; the first one of all where it knows none.
    """
    if len(content) > LARGEST:
        raise BadSheet(f"it has more than {LARGEST >> 20} MB")
    is_book = content[:4] == b"PK\x03\x04"
    rows = _xlsx(content) if is_book else _csv(_text(content), is_header)
    lines = list(_lines(_from_header(rows, is_header), is_strict=not is_book))
    if not lines:
        raise BadSheet("it has no line below its header")
    return lines


def _from_header(
    rows: Iterable[tuple[int, list[str]]], is_header: Callable[[Sequence[str]], bool]
) -> Iterator[tuple[int, list[str]]]:
    """The lines that say something, from the header on; a line of one cell is a title, not a header."""
    stripped = ((number, [cell.strip() for cell in row]) for number, row in rows)
    said = ((number, cells) for number, cells in stripped if any(cells))
    top = list(islice(said, TITLES))
    return chain(top[next((at for at, (_number, cells) in enumerate(top) if is_header(cells)), 0) :], said)


def _lines(rows: Iterable[tuple[int, list[str]]], *, is_strict: bool) -> Iterator[Line]:
    """Refuses a header without names, or with one twice; in a CSV also what stands right of the header.

    In a workbook that is somebody's note, in a CSV most often a separator gone wrong.
    """
    header: list[str] | None = None
    for number, cells in rows:
        if header is None:
            header = _header(cells)
            continue
        if number > MOST_LINES:
            raise BadSheet(f"it has more than {MOST_LINES} lines")
        if is_strict and any(cells[len(header) :]):
            raise BadSheet(f"line {number} has more cells than the header")
        yield Line(number, {name: cell for name, cell in zip(header, cells, strict=False) if name and cell})


def _header(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    named = [cell for cell in cells if cell]
    if len(cells) > MOST_COLUMNS:
        raise BadSheet(f"it has more than {MOST_COLUMNS} columns")
    twice = next((cell for cell in named if named.count(cell) > 1), None)
    if twice is not None:
        raise BadSheet(f"two columns are called {twice!r}")
    return cells


def _text(content: bytes) -> str:
    """UTF-8 and UTF-16 with or without a mark at the beginning, else what Windows writes in our countries."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded(content, encoding)
    if b"\0" in content[:200]:
        return _decoded(content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "cp1252")


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadSheet(f"byte {error.start} is no {encoding}: save it as CSV UTF-8") from None


def _csv(text: str, is_header: Callable[[Sequence[str]], bool]) -> Iterator[tuple[int, list[str]]]:
    if "\0" in text:
        raise BadSheet("it is no text")
    separator = _separator(text.lstrip("\r\n").split("\n", TITLES)[:TITLES], is_header)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for row in reader:
            yield begins, [_plain(cell) for cell in row]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadSheet(f"line {begins}: {error}") from None


def _separator(top: Sequence[str], is_header: Callable[[Sequence[str]], bool]) -> str:
    """The one that makes a header of a line near the top; else the one that is most on the first line."""
    heads = (one for one in SEPARATORS for line in top if is_header([cell.strip(' "') for cell in line.split(one)]))
    return next(heads, max(SEPARATORS, key=top[0].count))


def _xlsx(content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise BadSheet(f"unpacked it has more than {LARGEST_UNPACKED >> 20} MB")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS + 1), start=1):
            yield number, [_cell(value) for value in row]
        book.close()
    except BadSheet:
        raise
    except Exception as error:  # whatever a broken workbook raises in there
        raise BadSheet(f"it is no sound XLSX ({type(error).__name__})") from None


def _cell(value: Any) -> str:
    """A cell as somebody would have typed it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | time):
        return value.strftime("%H:%M")
    return str(value)


def _plain(cell: str) -> str:
    """Without the apostrophe that our own files put before what a spreadsheet would compute."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip(" ").startswith(("=", "+", "-", "@")) else cell


def pack(content: bytes) -> str:
    """A file as text that travels in a form. Raises BadSheet where it is too large for that."""
    packed = base64.b64encode(zlib.compress(content, 9)).decode()
    if len(packed) > LARGEST_PACKED:
        raise BadSheet("it is too large for this page")
    return packed


def unpack(text: str) -> bytes:
    """The file again; never more than LARGEST bytes. Raises BadSheet."""
    try:
        content = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), LARGEST)
    except (ValueError, zlib.error):
        raise BadSheet("it is no text") from None
    return content
