"""Other streets are in use: what was drawn over the old ones is drawn anew."""

from nuit.db import transaction
from nuit.ledger.trail import revise
from nuit.queries.edition import editions


def tell_of_streets() -> None:
    """Raises the revision of every edition, so that pages with rides and times on them are drawn anew."""
    with transaction():
        for edition in editions():
            revise(edition.id)
