"""Three complete catalogues: nothing missing, empty, fuzzy or stale, and every placeholder kept."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
KEYWORDS = {
    "_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None,
    "NN_": (1, 2), "_n": (1, 2), "ngettext": (1, 2), "lazy_ngettext": (1, 2),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]")


def said() -> set[str]:
    """Every message id in code and templates; of a plural, the singular."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = set()
    for folder in ("nuit", "templates"):
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder,
            [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods if pattern.startswith(folder)],
            {pattern.removeprefix(f"{folder}/"): one for pattern, one in options.items()},
            KEYWORDS,
        ):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


def catalogue(lang: str) -> Catalog:
    path = ROOT / "nuit" / "translations" / lang / "LC_MESSAGES" / "messages.po"
    return read_po(BytesIO(path.read_bytes()), locale=lang)


def forms(message: Message) -> list[tuple[str, str]]:
    """(source, translation) pairs of a message."""
    if isinstance(message.id, tuple):
        return list(zip(message.id, message.string, strict=True))
    return [(message.id, message.string)]


@pytest.mark.parametrize("lang", ["fr", "de", "en"])
def test_every_sentence_is_translated(lang: str) -> None:
    kept = {m.id[0] if isinstance(m.id, tuple) else m.id: m for m in catalogue(lang) if m.id}
    assert sorted(said() - set(kept)) == []
    assert sorted(set(kept) - said()) == []
    assert [m.id for m in kept.values() if m.fuzzy or not all(text for _source, text in forms(m))] == []


@pytest.mark.parametrize("lang", ["fr", "de", "en"])
def test_every_placeholder_is_kept(lang: str) -> None:
    changed = [
        source
        for message in catalogue(lang)
        if message.id
        for source, text in forms(message)
        if not _same_places(source, text, plural=isinstance(message.id, tuple))
    ]
    assert changed == []


def _same_places(source: str, text: str, *, plural: bool) -> bool:
    """A singular form may say "one" in words instead of the figure."""
    wanted, found = set(PLACEHOLDER.findall(source)), set(PLACEHOLDER.findall(text))
    return wanted == found or (plural and wanted - found <= {"num", "count"} and found <= wanted)


def test_german_is_swiss_and_french_is_set_as_french() -> None:
    assert [m.id for m in catalogue("de") if m.id and any("ß" in text for _source, text in forms(m))] == []
    wrong = [
        text
        for m in catalogue("fr")
        if m.id
        for _source, text in forms(m)
        if re.search(r" [:;?!»]|« |[a-zéè]'[a-zéè]", text)
    ]
    assert wrong == []
