"""What a company hangs at its door and in town."""

from flask.typing import ResponseReturnValue

from nuit.models import Host
from nuit.views.gate import edition
from nuit.views.host.room import bp, mine
from nuit.views.placards import KINDS, PAPERS, printed


@bp.get(f"/<slug>/<{KINDS}:kind>-<{PAPERS}:paper>.pdf")
@mine
def placard(host: Host, kind: str, paper: str) -> ResponseReturnValue:
    return printed(edition(), [host], kind, paper, host.company.slug)
