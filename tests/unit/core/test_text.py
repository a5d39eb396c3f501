import unicodedata

import pandas as pd
import pytest

from basewise.config import mistakes
from basewise.core import errors
from basewise.core.errors import CONTROLS, InputError, printable
from basewise.core.text import check_names


def test_hidden_characters_are_those_that_python_does_not_print_either():
    """But for blanks, letters that nobody has defined, and signs of Arabic, Indic and music."""
    every = [chr(code) for code in range(0x110000)]
    hidden = {one for one in every if CONTROLS.match(one)}
    printed = {one for one in hidden if one.isprintable()}
    assert printed == set()
    left = {one for one in every if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    names = {unicodedata.name(one).split()[0] for one in left - hidden}
    assert names == {"ARABIC", "SYRIAC", "KAITHI", "EGYPTIAN", "SHORTHAND", "MUSICAL"}


def test_both_places_hide_the_same():
    assert mistakes.CONTROLS.pattern == errors.CONTROLS.pattern
    for text in ("a\x1b[2Kb", "\u202eabc", "a\udcff", "\u200f", "\ufeff"):
        assert printable(text) == mistakes.printable(text)
        assert printable(text).isprintable() and printable(text).encode("ascii")
    assert printable("Größe µ 漢 β²") == "Größe µ 漢 β²"


@pytest.mark.parametrize(
    ("name", "character"),
    [
        *[("a\x1b[2K", "001B"), ("a\nb", "000A"), ("\u202eabc", "202E"), ("abc\u200f", "200F")],
        *[("a\u200bb", "200B"), ("a\0", "0000"), ("\x85", "0085"), ("soft\u00adhyphen", "00AD")],
        ("no XML\uffff", "FFFF"),
    ],
)
def test_a_name_with_a_character_that_nobody_sees_is_refused_with_its_place(name, character):
    names, files = pd.Series(["plain", None, name]), pd.Series(["a.tsv", "a.tsv", "b.tsv"])
    with pytest.raises(InputError) as told:
        check_names(names, "class", files, pd.Series([2, 3, 7]))
    line = str(told.value)
    assert line.startswith("b.tsv:7: class ") and f"nobody sees (U+{character})" in line
    assert line.isprintable()
    with pytest.raises(InputError, match=r"^c.tsv: class "):
        check_names(names, "class", "c.tsv", pd.Series([None, None, None]))


def test_names_of_any_language_are_taken():
    names = pd.Series(["Größe", "ذرة", "稲", "a b", "β/δ-1", "e\u0301", None, "\U0001f33d"])
    check_names(names, "class", "a.tsv", names)
