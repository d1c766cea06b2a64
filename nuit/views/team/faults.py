"""What is wrong with a sheet, in the reader's language: the sentences of planning, each by its pattern."""

import re

from flask_babel import lazy_gettext as _l

SENTENCES = {
    # of one cell
    r"at most (?P<most>\d+) printable characters": _l("%(most)s signes visibles au plus"),
    r"a whole number from (?P<least>\d+) to (?P<most>\d+)": _l("un nombre entier de %(least)s à %(most)s"),
    r"degrees like 7\.3590": _l("des degrés, comme 7.3590"),
    r"hours like 17:30 18:30": _l("des heures, comme 17:30 18:30"),
    r"languages like fr, de, en": _l("des langues, comme fr, de, en"),
    r"yes, partly or no": _l("oui, partiel ou non"),
    r"among (?P<kinds>.+)": _l("parmi %(kinds)s"),
    r"a mail address": _l("une adresse e-mail"),
    # of one line
    r"no company": _l("le nom de l’entreprise manque"),
    r"no visit": _l("le titre de la visite manque"),
    r"lon and lat go together": _l("longitude et latitude vont ensemble"),
    r"says another (?P<name>\w+) than line (?P<line>\d+)": _l("dit autre chose que la ligne %(line)s (%(name)s)"),
    r"the departure at (?P<hour>\S+) stands on line (?P<line>\d+) already": _l("le départ de %(hour)s est déjà à la ligne %(line)s"),
    r"a new visit needs its minutes": _l("une visite nouvelle demande sa durée en minutes"),
    r"people have booked this visit of (?P<minutes>\d+) minutes: change it at the desk": _l("des personnes ont réservé cette visite de %(minutes)s minutes : changez-la au bureau de l’entreprise"),
    r"a departure lies outside the hours of the night": _l("un départ est hors des heures de la nuit"),
    r"a new departure needs its capacity": _l("un départ nouveau demande son nombre de places"),
    r"(?P<places>\d+) places are above the company's safety limit of (?P<limit>\d+)": _l("%(places)s places dépassent la limite de sécurité de l’entreprise, %(limit)s"),
    r"(?P<taken>\d+) places are booked already, (?P<places>\d+) are too few": _l("%(taken)s places sont déjà réservées : %(places)s ne suffisent pas"),
    r"a departure there has (?P<places>\d+) places already: above this limit": _l("un départ y a déjà %(places)s places : plus que cette limite"),
    # of the whole file
    r"two columns mean the same: (?P<what>.+)": _l("deux colonnes veulent dire la même chose : %(what)s"),
    r"it has no column for the company.*": _l("aucune colonne ne s’appelle « Entreprise »"),
    r"it has more than (?P<most>\d+) (?P<unit>MB|lines|columns)": _l("il est trop grand : plus de %(most)s (Mo, lignes ou colonnes)"),
    r"unpacked it has more than (?P<most>\d+) MB": _l("déplié, il dépasse %(most)s Mo"),
    r"it is too large for this page": _l("il est trop grand pour cette page ; la ligne de commande le charge"),
    r"it has no line below its header": _l("il n’a aucune ligne sous ses titres"),
    r"line (?P<line>\d+) has more cells than the header": _l("la ligne %(line)s a plus de cases que la ligne des titres"),
    r"two columns are called (?P<name>.+)": _l("deux colonnes s’appellent %(name)s"),
    r"byte (?P<byte>\d+) is no (?P<encoding>\S+): .*": _l("son codage n’est pas clair ; enregistrez-le en CSV UTF-8 ou en XLSX"),
    r"it is no text": _l("ce n’est pas un tableur"),
    r"it is no sound XLSX.*": _l("ce classeur XLSX est abîmé"),
    r"line (?P<line>\d+): .*": _l("la ligne %(line)s n’est pas lisible"),
}  # fmt: skip


def said(sentence: str) -> str:
    """The sentence in the language that is spoken; one that nobody knows stays as it is."""
    for pattern, words in SENTENCES.items():
        found = re.fullmatch(pattern, sentence, re.DOTALL)
        if found:
            return str(words) % found.groupdict()
    return sentence
