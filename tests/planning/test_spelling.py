"""What a database finds by a pattern is what `fold` would find, letter by letter."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from nuit.planning.spelling import ACCENTED, PLAIN, glob_of

LETTERS = ACCENTED + "abcdeinouyzABCDEINOUYZ 0123456789-'*?[]^!.’"
FOLDED = str.maketrans(ACCENTED, PLAIN)
base = sqlite3.connect(":memory:")


@given(st.text(LETTERS, max_size=12), st.text(LETTERS, max_size=3))
def test_a_pattern_finds_every_spelling(text: str, asked: str) -> None:
    plain = asked.lower().translate(FOLDED)
    found = base.execute("select ? glob ?", (text, glob_of(plain))).fetchone()[0]
    assert bool(found) == (plain in text.lower().translate(FOLDED))


def test_the_special_signs_are_letters_like_others() -> None:
    assert (glob_of("e*"), glob_of("1]")) == ("*[EeÈÉÊËèéêë][*]*", "*1]*")
