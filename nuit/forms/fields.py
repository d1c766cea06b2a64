"""The fields our forms are made of: tidy text, texts in three languages, whole figures, hours of the evening."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    DecimalField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput

from nuit.i18n import LANGUAGES, spoken

_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0x200F, 0xFEFF])
_HOUR = re.compile(r"([01]?[0-9]|2[0-3])[:hH.]?([0-5][0-9])", re.ASCII)


def tidy(text: str | None) -> str | None:
    """Typed text as we keep it: NFC, one kind of line end, no control, direction or lone surrogate characters."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_BIDI)
    return "".join(one for one in plain if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs")).strip()


def one_line(text: str | None) -> str | None:
    """The same on one line."""
    plain = tidy(text)
    return " ".join(plain.split()) if plain else plain


class Filled:
    """Something must be there; `words` say what to do. Marks the input as required."""

    field_flags = {"required": True}

    def __init__(self, words: Any) -> None:
        self.words = words

    def __call__(self, form: Form, field: Any) -> None:
        if not field.data:
            field.errors = []
            raise StopValidation(str(self.words))


class Line(StringField):
    """Text on one line."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), *, most: int = 120, **more: Any) -> None:
        checks = [*validators, Length(max=most, message=_longest(most))]
        super().__init__(label, checks, filters=[one_line], **more)


class Sentence(TextAreaField):
    """One sentence, kept on one line and typed where all of it can be seen."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), *, most: int = 200, **more: Any) -> None:
        checks = [*validators, Length(max=most, message=_longest(most))]
        super().__init__(label, checks, filters=[one_line], **more)


class Paragraphs(TextAreaField):
    """Text on several lines."""

    def __init__(self, label: Any = None, validators: Sequence[Any] = (), *, most: int = 3000, **more: Any) -> None:
        checks = [*validators, Length(max=most, message=_longest(most))]
        super().__init__(label, checks, filters=[tidy], **more)


def _longest(most: int) -> Any:
    return _l("Au plus %(count)s signes.", count=most)


class Whole(IntegerField):
    """A whole figure between two bounds, with one sentence for everything that is none."""

    data: Any
    errors: Any

    def __init__(self, label: Any = None, *, least: int, most: int, needed: bool = True, **more: Any) -> None:
        super().__init__(label, **more)
        self.least, self.most, self.needed = least, most, needed
        self.render_kw = {"min": least, "max": most, "inputmode": "numeric", **({"required": True} if needed else {})}

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if re.fullmatch(r"[+-]?[0-9]{1,9}", text, re.ASCII):
            self.data = int(text)
        elif text or (self.needed and not valuelist):
            raise ValueError(self._sentence())

    def pre_validate(self, form: Form) -> None:
        if self.data is None and not self.needed and not self.errors:
            return
        if self.data is None or not self.least <= self.data <= self.most:
            self.errors = []
            raise StopValidation(self._sentence())

    def _sentence(self) -> str:
        return str(gettext("Un nombre de %(least)s à %(most)s.", least=self.least, most=self.most))


class Degrees(DecimalField):
    """A coordinate in degrees; a comma does as well as a point."""

    data: Any
    errors: Any

    def __init__(self, label: Any, *, least: float, most: float, words: Any, **more: Any) -> None:
        super().__init__(label, places=5, **more)
        self.least, self.most, self.words = least, most, words
        self.render_kw = {"step": "any", "inputmode": "decimal", "required": True}

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip().replace(",", ".") if valuelist else ""
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,15})?", text, re.ASCII):
            self.data = None
            raise ValueError(str(self.words))
        self.data = round(float(text), 5)

    def pre_validate(self, form: Form) -> None:
        if self.data is None or not self.least <= self.data <= self.most:
            self.errors = []
            raise StopValidation(str(self.words))


class Hour(StringField):
    """An hour of the evening as HH:MM; 17h30, 17.30 and 1730 are understood."""

    data: Any

    def __init__(self, label: Any, *, needed: bool = True, **more: Any) -> None:
        super().__init__(label, [Filled(_l("Tapez une heure, par exemple 17:30."))] if needed else [Optional()], **more)
        # No type="time": a browser in English would show 05:30 PM, and nowhere else do we write so.
        self.render_kw = {"inputmode": "numeric", "maxlength": 5, "autocomplete": "off", "class": "num"}

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        found = _HOUR.fullmatch(text)
        self.data = f"{int(found[1]):02d}:{found[2]}" if found else None
        if text and not found:
            raise ValueError(str(gettext("Tapez une heure, par exemple 17:30.")))

    def _value(self) -> str:
        return self.data or (self.raw_data[0] if self.raw_data else "")


class Ticks(SelectMultipleField):
    """Several choices, each a line to tick; rendered one by one."""

    option_widget = CheckboxInput()

    def pre_validate(self, form: Form) -> None:
        if not self.validate_choice:
            return
        known = {str(value) for value, _words, *_rest in self.iter_choices()}
        if not set(self.data or ()) <= known:
            raise ValidationError(str(gettext("Choisissez parmi les lignes proposées.")))


class Texts(FormField):
    """One text in three languages; its value is {"fr": …, "de": …, "en": …} without the empty ones.

    `kind` is Line, Sentence or Paragraphs; `needed` the sentence that asks for it, in whichever language.
    """

    def __init__(self, label: Any, *, most: int, kind: type[Any] = Line, needed: Any = None, **more: Any) -> None:
        super().__init__(_texts_form(most, kind), label, **more)
        self.needed = needed

    def validate(self, form: Form, extra_validators: Sequence[Any] = ()) -> bool:
        """Whoever writes begins in their own language: the others may follow."""
        sound = bool(super().validate(form, extra_validators))
        if sound and self.needed and not self.data:
            self.form[spoken()].errors = [str(self.needed)]
            return False
        return sound

    @property
    def data(self) -> dict[str, str]:
        return {code: text for code, text in self.form.data.items() if text}


ROWS = {Sentence: {"rows": 2}, Paragraphs: {"rows": 5}}


def _texts_form(most: int, kind: type[Any]) -> type[Form]:
    names = {"fr": _l("en français"), "de": _l("en allemand"), "en": _l("en anglais")}
    parts = {
        code: kind(
            names[code],
            most=most,
            render_kw={**ROWS.get(kind, {}), "lang": code},
        )
        for code in LANGUAGES
    }
    return type("TextsForm", (Form,), parts)


def texts_in(form: Any) -> list[Texts]:
    """Every text in three languages of a form, those of its rows included."""
    found: list[Texts] = []
    for field in form:
        if isinstance(field, Texts):
            found.append(field)
        elif isinstance(field, FormField):
            found += texts_in(field.form)
        elif isinstance(field, FieldList):
            found += [one for row in field for one in texts_in(row.form)]
    return found


def coverage(form: Any) -> dict[str, tuple[int, int]]:
    """For each language: how many of the texts that are there at all it has, and how many these are."""
    there = [one.data for one in texts_in(form) if one.data]
    return {code: (sum(code in one for one in there), len(there)) for code in LANGUAGES}


def tongue_at_fault(form: Any) -> str:
    """The language to show first: that of the first error, else the one that is spoken."""
    wrong = [part.short_name for one in texts_in(form) for part in one.form if part.errors]
    return wrong[0] if wrong else spoken()


def chosen(values: Iterable[Any] | None) -> tuple[str, ...]:
    """The ticked values, in a fixed order."""
    return tuple(sorted(str(one) for one in values or ()))
