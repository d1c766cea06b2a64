"""Setting the frame of a night."""

from datetime import datetime

from nuit.db import db, transaction
from nuit.ledger.trail import note, revise
from nuit.models import Edition
from nuit.planning.draft import EditionDraft, write


def change_edition(edition_id: int, draft: EditionDraft, *, now: datetime, by: int | None) -> Edition | None:
    """The edition as typed; None where there is no such edition. What contradicts itself is refused by the form."""
    with transaction():
        edition = db.session.get(Edition, edition_id, with_for_update=True)
        if edition is None:
            return None
        changed = write(draft, edition)
        if changed:
            note("change", "edition", edition.id, member_id=by, now=now, fields=changed)
            revise(edition.id)
    return edition
