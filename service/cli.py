"""The command line: prepare, serve, and look after a catalog."""

import os
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial, wraps
from pathlib import Path
from typing import NoReturn, ParamSpec

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from service.accounts.actions import (
    SCOPES,
    create_api_key,
    disable_person,
    make_one_time_link,
    revoke_api_key,
)
from service.accounts.models import ROLES
from service.accounts.queries import can_anybody_sign_in
from service.app import create_app
from service.config import PROJECT, Settings, SettingsError, load_settings
from service.extensions import transaction
from service.lookup.queries import current_index
from service.operations.doctor import examine, examine_claims, refuse_examples
from service.operations.migrations import migrate_database
from service.operations.server import announce, check_address, run_server
from service.partners.commands import add_fullscript
from service.publishing.actions import (
    publish_formula,
    read_surroundings,
    withdraw_formula,
)
from service.publishing.claims import claims_in
from service.referrals.queries import current_book
from service.seeding.actions import SeedReport, is_seeded_from, seed_catalog
from service.seeding.files import SeedError
from service.shared.errors import FormularyError

SEED_FOLDER = PROJECT / "seed_data"
P = ParamSpec("P")


@click.group(help="Formulary: the herbal formulas a practice trusts, and the correct links to them.")
def main() -> None:
    """The root command."""


@main.group()
def links() -> None:
    """Look after the links."""


def command(function: Callable[P, None], *, group: click.Group = main) -> click.Command:
    """A subcommand that runs inside the app and tells what went wrong in plain sentences."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            with make_app().app_context():
                function(*args, **kwargs)
        except FormularyError as error:
            fail(error.detail)
        except (SeedError, SettingsError) as error:
            fail(str(error))
        except SQLAlchemyError as error:
            fail(
                f"DATABASE_URL: the database does not answer, or is not migrated ({type(error).__name__}). "
                "Run `formulary migrate`, or name another database."
            )

    return group.command()(run)


def fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(2)


def make_app() -> Flask:
    settings = load_settings()
    check_folder(settings)
    return create_app(settings)


def check_folder(settings: Settings) -> None:
    """Make the SQLite file's folder. Raises SettingsError where it cannot be written."""
    file = settings.sqlite_file
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise SettingsError(f"DATABASE_URL: the folder {file.parent} cannot be made: {fault.strerror}.") from fault
    if not os.access(file.parent, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise SettingsError(f"DATABASE_URL: {file} cannot be written; give it to this user or name another file.")


@command
def migrate() -> None:
    """Bring the database's tables to those of this code."""
    migrate_database()
    click.echo("The database is up to date.")


@command
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=SEED_FOLDER,
    help="Where the YAML files are.",
)
def seed(folder: Path) -> None:
    """Write the seed files into the catalog and publish them; what was edited here is kept."""
    report = plant(folder, tell=lambda text: click.echo(f"  {text}"))
    for kind, outcomes in report.counts.items():
        click.echo(f"{kind}: " + ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    for line in report.withheld:
        click.echo(line)
    tell_left_aside(report)


def plant(folder: Path, *, tell: Callable[[str], None]) -> SeedReport:
    """Seed in one transaction."""
    with transaction():
        return seed_catalog(folder, public_url=load_settings().public_url, tell=tell)


def tell_left_aside(report: SeedReport) -> None:
    for slug in report.kept:
        click.echo(f"{slug} was edited or withdrawn here, so its seed file was left aside.")
    for claim in report.claims:
        click.echo(f"Claims check: {claim}")
    for slug in report.absent:
        click.echo(f"{slug} is published, and its seed file is gone; `formulary withdraw {slug}` takes it back.")


@command
@click.option("--prepare/--no-prepare", default=True, help="Migrate and seed before serving.")
def serve(prepare: bool) -> None:
    """Prepare the catalog once, then serve it."""
    settings = load_settings()
    check_address(settings.host, settings.port)
    if prepare:
        migrate_database()
        if not is_seeded_from(SEED_FOLDER):
            tell_left_aside(plant(SEED_FOLDER, tell=lambda text: click.echo(f"  {text}")))
    refuse_examples(settings, current_book())
    link = None if can_anybody_sign_in() else one_time_link("owner", "owner")
    for line in announce(settings, current_book(), console_link=link):
        click.echo(line)
    run_server(settings)


@command
@click.argument("slug")
@click.option("--reason", required=True, help="Why, for the record.")
def publish(slug: str, reason: str) -> None:
    """Publish a formula's working copy."""
    with transaction():
        publication = publish_formula(
            slug,
            by="command line",
            reason=reason,
            around=read_surroundings(),
            book=current_book(),
        )
    click.echo(f"{slug} is published as revision {publication.revision}.")
    for claim in claims_in(publication.public, publication.offered):
        click.echo(f"Claims check: {claim}")


@command
@click.argument("slug")
@click.option("--reason", required=True, help="Why, for the record.")
def withdraw(slug: str, reason: str) -> None:
    """Take a formula back: its card says so, its links end."""
    with transaction():
        publication = withdraw_formula(slug, by="command line", reason=reason)
    click.echo(f"{slug} is withdrawn as revision {publication.revision}.")


@command
@click.argument("words", nargs=-1, required=True)
def look(words: tuple[str, ...]) -> None:
    """Look a formula or herb up by any of its names."""
    matches = current_index().find(" ".join(words))
    for match in matches:
        title = match.entry.summary["title"]
        names = " ".join(title[key] for key in ("hanzi", "pinyin", "english") if key in title)
        click.echo(f"{match.entry.slug}: {names} ({match.entry.kind}, {match.match_class}: {match.text})")
    if not matches:
        fail("Nothing in this catalog goes by that name.")


@partial(command, group=links)
@click.option("--product", help="Only the links of this product, by its slug.")
def check(product: str | None) -> None:
    """Check that every link still leads where it should; exit 1 where one has failed twice in a row."""
    # Only this command needs the client of outside addresses.
    from service.referrals.health import LinkCheck, check_links, make_prober

    def tell(found: LinkCheck, number: int, of: int) -> None:
        way = f" (substitute {found.link.position})" if found.link.position else ""
        flag = " FLAGGED" if found.is_flagged else ""
        verdict = found.verdict or "put off"
        click.echo(
            f"{number} of {of}: {found.link.product}{way} at {found.link.program}: {verdict}{flag}. {found.reason}"
        )

    checks = check_links(make_prober(current_book()), product=product, tell=tell)
    counts = Counter(str(found.verdict or "put off") for found in checks)
    flagged = sum(found.is_flagged for found in checks)
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())) or "none"
    click.echo(f"{len(checks)} checked: {told}; {flagged} flagged.")
    if flagged:
        sys.exit(1)


@command
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    help="How long the key is good for; without it, until revoked.",
)
def create_key(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make an API key and print it, once."""
    with transaction():
        key = create_api_key(name=name, scopes=scopes, days=days)
    click.echo(key)


@command
@click.argument("name")
def revoke_key(name: str) -> None:
    """End an API key at once."""
    with transaction():
        revoke_api_key(name)
    click.echo(f"The key {name} is revoked.")


def one_time_link(name: str, role: str | None) -> str:
    """The address where a person chooses a passphrase, once, within 15 minutes."""
    with transaction():
        token = make_one_time_link(name=name, role=role)
    return f"{load_settings().public_url}/console/enter/{token}"


@command
@click.argument("name", default="owner")
@click.option("--role", type=click.Choice(ROLES), help="What the person may do; needed for a new one.")
def console_link(name: str, role: str | None) -> None:
    """Print a one-time link with which a person chooses a passphrase for the console."""
    click.echo(one_time_link(name, role))


@command
@click.argument("name")
def disable_account(name: str) -> None:
    """End a person's access to the console at once; `console-link` lets them in again."""
    with transaction():
        disable_person(name)
    click.echo(f"{name} can no longer sign in.")


@command
def doctor() -> None:
    """Say what is wrong or still an example; exit 1 where something is wrong."""
    findings = examine(load_settings())
    if not any(finding.is_wrong for finding in findings):
        findings += examine_claims()
    for finding in findings:
        click.echo(f"{'wrong' if finding.is_wrong else 'note'}: {finding.text}")
    if any(finding.is_wrong for finding in findings):
        sys.exit(1)
    click.echo("Nothing is wrong.")


add_fullscript(main, command)
