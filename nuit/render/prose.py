"""What companies write with a few signs: paragraphs, emphasis, lists and links; nothing else comes through."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h3"}
SCHEMES = {"http", "https", "mailto"}
_reader = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["emphasis", "list", "link", "newline", "escape", "heading", "entity"]
)


@lru_cache(maxsize=512)
def prose_html(text: str) -> str:
    """Safe HTML of a text in a subset of Markdown: every heading is an h3, links are marked as written by others."""
    drawn = _reader.render(text)
    for level in ("1", "2", "4", "5", "6"):
        drawn = drawn.replace(f"<h{level}>", "<h3>").replace(f"</h{level}>", "</h3>")
    return nh3.clean(
        drawn, tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel="nofollow ugc noopener"
    )


def plain(text: str) -> str:
    """The words alone, for where no markup belongs."""
    return nh3.clean(prose_html(text), tags=set()).strip()
