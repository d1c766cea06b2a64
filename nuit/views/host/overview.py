"""The company's first page: who is expected, what departs, what is missing."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from nuit import clock
from nuit.actions.company import propose as propose_host
from nuit.errors import NotReady
from nuit.i18n import say
from nuit.models import Host
from nuit.queries.change import pending_changes
from nuit.queries.desk import crowds, gaps_of, slots_of, together
from nuit.queries.member import hosts_of
from nuit.views.gate import edition, member, only
from nuit.views.host.change import change_words
from nuit.views.host.guide import TABLE, here
from nuit.views.host.room import bp, me, mine


@bp.get("/")
@only("host", "organiser")
def index() -> ResponseReturnValue:
    hosts = hosts_of(member() or abort(404), edition().id)
    if len(hosts) == 1:
        return redirect(url_for(".show", slug=hosts[0].company.slug), 303)
    return render_template("host/index.html", hosts=hosts)


@bp.get("/<slug>")
@mine
def show(host: Host) -> ResponseReturnValue:
    crowd = crowds(host.id)
    slots, at = slots_of(host.id), here(host)
    return render_template(
        "host/show.html",
        host=host,
        slots=slots,
        crowds=crowd,
        whole=together(crowd.values()),
        free=sum(one.left for one in slots if one.status == "open" and one.starts_at > clock.now()),
        gaps=gaps_of(edition(), host),
        way=at.way,
        changes=[(one, change_words(one)) for one in pending_changes(host.id, clock.now())],
        steps=TABLE,
    )


@bp.post("/<slug>/proposer")
@mine
def propose(host: Host) -> ResponseReturnValue:
    try:
        propose_host(edition(), host.id, now=clock.now(), by=me())
    except NotReady as refusal:
        flash(say(refusal), "stop")
    else:
        flash(gettext("Proposée. L’organisation relit votre page, puis la publie."), "go")
    return redirect(url_for(".show", slug=host.company.slug), 303)
