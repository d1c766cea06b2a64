"""What a visitor must know before coming, as a list on a page: conditions, wheelchair, languages."""

from flask_babel import gettext

from nuit.conditions import Line, lines
from nuit.i18n import tongues
from nuit.models import Visit


def condition_lines(visit: Visit) -> list[Line]:
    """A visit's conditions in their own order; minimum age and company of an adult share one line."""
    return lines(visit.conditions)


def wheelchair_line(visit: Visit) -> Line:
    """Whether a wheelchair gets in."""
    said = {
        "yes": gettext("Accessible en fauteuil roulant"),
        "partly": gettext("Fauteuil roulant : en partie"),
        "no": gettext("Pas accessible en fauteuil roulant"),
    }
    return ("fauteuil", said[visit.wheelchair], "")


def language_line(visit: Visit) -> Line:
    """The languages of the guide."""
    said = tongues(visit.languages)
    return ("langue", said[:1].upper() + said[1:], "")
