"""The press: a typst sheet and its values, as a PDF for everybody (PDF/UA-1)."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

ROOT = Path(__file__).parents[3]
MARK = ROOT / "static" / "img" / "marque.svg"
UNKNOWN_LETTER = "could not be displayed"


def printed(sheet: Path, page: dict[str, Any]) -> bytes:
    """The sheet with these values (its input "page"), tagged for screen readers.

    A name with letters that no font of ours has is printed with boxes; such a file is tagged all the same but carries
    no PDF/UA mark, which forbids them.
    """
    said = json.dumps(page, ensure_ascii=False)
    try:
        return _compiled(sheet, said, ["ua-1"])
    except typst.TypstError as error:
        if UNKNOWN_LETTER not in str(error):
            raise
        return _compiled(sheet, said, [])


def _compiled(sheet: Path, said: str, standards: list[Literal["ua-1"]]) -> bytes:
    return typst.compile(
        sheet.read_bytes(), format="pdf", font_paths=_fonts(), sys_inputs={"page": said}, pdf_standards=[*standards]
    )


@cache
def _fonts() -> typst.Fonts:
    """Our two faces and those inside typst; none of the machine's, so that every machine prints the same."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(ROOT / "static" / "fonts")]
    )
