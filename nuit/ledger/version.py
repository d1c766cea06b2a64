"""Two people who edit one thing: the first to save wins, the second is told and compares."""

from sqlalchemy import update

from nuit.db import db
from nuit.errors import ChangedMeanwhile
from nuit.models import FestivalItem, Host, Route, Slot, Visit

Versioned = type[Host] | type[Visit] | type[Slot] | type[FestivalItem] | type[Route]


def claim(model: Versioned, noun_id: int, version: int) -> None:
    """Raises the version of one row, which stays locked until the commit. Raises ChangedMeanwhile if it is another."""
    won = db.session.scalar(
        update(model)
        .where(model.id == noun_id, model.version == version)
        .values(version=model.version + 1)
        .returning(model.id)
        .execution_options(synchronize_session=False)
    )
    if won is None:
        raise ChangedMeanwhile()
