"""Answers that are saved as a file."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import Response

from nuit.render.sheet import csv_sheet, xlsx_sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "json": "application/json", "pdf": "application/pdf"}


def saved(content: bytes | str, name: str) -> Response:
    """The content under its name; the ending says the kind."""
    answer = Response(content, content_type=KINDS[name.rpartition(".")[2]])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def table(
    kind: str, name: str, title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]]
) -> Response:
    """Rows as csv, xlsx or json; `columns` are (field for a program, heading for a reader)."""
    headings = [heading for _field, heading in columns]
    if kind == "csv":
        return saved(csv_sheet(headings, rows), f"{name}.csv")
    if kind == "xlsx":
        return saved(xlsx_sheet(title, headings, rows), f"{name}.xlsx")
    fields = [field for field, _heading in columns]
    return saved(json_text([dict(zip(fields, row, strict=True)) for row in rows]), f"{name}.json")


def json_text(document: Any) -> str:
    """A document for any program; days and instants in ISO 8601, with their offset."""
    return json.dumps(document, default=_iso, ensure_ascii=False, indent=2)


def _iso(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
