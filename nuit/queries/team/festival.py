"""The festival's items as the organisers write them."""

from nuit.models import FestivalItem
from nuit.planning.draft import ItemDraft


def item_draft(item: FestivalItem) -> ItemDraft:
    """An item as it stands, as a value to compare with what was typed."""
    return ItemDraft(
        title=item.title,
        summary=item.summary,
        place=item.place,
        kind=item.kind,
        lon=item.lon,
        lat=item.lat,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
    )
