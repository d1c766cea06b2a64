"""bin/nuit member: who may sign in."""

import click
from flask import current_app
from flask.cli import AppGroup

from nuit import clock
from nuit.actions.member import add_member, issue_link
from nuit.queries.company import company_by_slug

group = AppGroup("member", help="People who sign in.")


@group.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(["organiser", "host", "volunteer", "reader"]), required=True)
@click.option("--host", "slug", help="The company's slug (needed for --role host).")
def add(email: str, role: str, slug: str | None) -> None:
    """Adds EMAIL with a role and prints a sign-in link, good once and for ten minutes."""
    company = company_by_slug(slug) if slug else None
    if slug and company is None:
        raise click.ClickException(f"No company has the slug {slug!r}.")
    if role == "host" and company is None:
        raise click.ClickException("A host contact needs --host SLUG.")
    if "@" not in email:
        raise click.ClickException(f"{email!r} is no mail address.")
    who = add_member(email, role=role, company_id=company.id if company else None, now=clock.now())
    token, _code = issue_link(who, now=clock.now(), browser=None)
    click.echo(f"{current_app.config['NUIT_URL']}/connexion/{token}")
