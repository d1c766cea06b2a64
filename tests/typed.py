"""What a browser would send: the fields of a form as the page shows them, to be changed and posted."""

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from werkzeug.datastructures import MultiDict


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, MultiDict[str, str]]] = []
        self.inside = False
        self.select: str | None = None
        self.area: str | None = None
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if tag == "form":
            self.inside = (of.get("method") or "get").lower() == "post"
            if self.inside:
                self.forms.append((of.get("action") or "", MultiDict()))
        elif not self.inside or "form" in of:
            return
        elif tag == "input":
            self._input(of)
        elif tag == "textarea":
            self.area, self.text = of.get("name"), ""
        elif tag == "select":
            self.select = of.get("name")
        elif tag == "option" and self.select and "selected" in of:
            self._put(self.select, of.get("value") or "")

    def _input(self, of: dict[str, str | None]) -> None:
        kind, name = of.get("type") or "text", of.get("name")
        if not name or kind in ("submit", "image", "button"):
            return
        if kind in ("checkbox", "radio"):
            if "checked" in of:
                self._put(name, of.get("value") or "y")
        else:
            self._put(name, of.get("value") or "")

    def _put(self, name: str, value: str) -> None:
        self.forms[-1][1].add(name, value)

    def handle_data(self, words: str) -> None:
        if self.area:
            self.text += words

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            self._put(self.area, self.text.removeprefix("\r\n").removeprefix("\n"))
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.inside = False


def forms(page: str) -> list[tuple[str, MultiDict[str, str]]]:
    """Every form of the page that posts: where to, and its fields as they stand."""
    reader = _Forms()
    reader.feed(page)
    return reader.forms


def typed(page: str, action: str, changes: Mapping[str, Any] | None = None, /, **more: Any) -> MultiDict[str, str]:
    """The fields of the page's form with this action (its end suffices), some of them typed anew; `__` stands for `-`."""
    fields = next(fields for where, fields in forms(page) if where.split("#")[0].endswith(action))
    for name, value in {**(changes or {}), **{name.replace("__", "-"): one for name, one in more.items()}}.items():
        fields.setlist(name, value if isinstance(value, list) else [value])
    return fields
