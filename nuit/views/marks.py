"""What the macros of templates/macros/marks.html need from Python."""

from typing import Any

from flask import Flask
from markupsafe import Markup

from nuit.render.prose import prose_html
from nuit.views.fresh import fixed


def init_app(app: Flask) -> None:
    app.jinja_env.filters["flat_errors"] = flat_errors
    app.jinja_env.globals["attributes"] = attributes
    app.jinja_env.filters["first_up"] = first_up
    app.jinja_env.filters["prose"] = prose
    app.jinja_env.globals["fixed"] = fixed
    app.jinja_env.tests["page"] = lambda endpoint: endpoint in app.view_functions


def flat_errors(errors: Any) -> str:
    """WTForms' errors (lists, nested for parts of a form) in one line."""
    if isinstance(errors, dict):
        return " ".join(flat_errors(one) for one in errors.values())
    if isinstance(errors, list | tuple):
        return " ".join(flat_errors(one) for one in errors if one)
    return str(errors)


def attributes(field: Any, hint: str, more: dict[str, Any]) -> dict[str, Any]:
    """An input's attributes: what the page asks for, and what ties it to its hint and its error."""
    found = dict(more)
    described = [f"{field.id}-e"] * bool(field.errors) + [f"{field.id}-h"] * bool(hint)
    if described:
        found["aria-describedby"] = " ".join(described)
    if field.errors:
        found["aria-invalid"] = "true"
    return found


def prose(text: str) -> Markup:
    """What a company has written, with the few signs it may use."""
    return Markup(prose_html(text))  # noqa: S704 - nh3 has let through what may be shown, and nothing else


def first_up(text: str) -> str:
    """A sentence's first letter in capitals, the others as they are."""
    return text[:1].upper() + text[1:]
