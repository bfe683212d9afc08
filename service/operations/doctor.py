"""What is wrong, and what is still an example."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from service.accounts.queries import can_anybody_sign_in
from service.catalog.queries import list_published_slugs, list_published_texts
from service.catalog.statements import Statement
from service.clicks.log import fault_of
from service.config import Settings, SettingsError
from service.extensions import db
from service.partners.queries import describe_connection
from service.publishing.claims import Claim, claims_in, claims_of_program, sellers_of_supplements
from service.referrals.book import Book
from service.referrals.queries import current_book, list_link_health


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence; `is_wrong` where the service should not run like that."""

    text: str
    is_wrong: bool = False


def refuse_examples(settings: Settings, book: Book) -> None:
    """Raises SettingsError in production while an account is still the example's."""
    if settings.is_production and book.example_accounts:
        raise SettingsError(
            f"seed_data/practice.yaml: the accounts of {', '.join(book.example_accounts)} are still examples; "
            "put the practice's own in and remove `example: true`, or switch the program off."
        )


def examine(settings: Settings) -> list[Finding]:
    """Everything an owner should know before trusting this service."""
    try:
        slugs = list_published_slugs("formula")
        book = current_book()
        has_people = can_anybody_sign_in()
    except SQLAlchemyError:
        return [
            Finding(
                "The database does not answer or is not migrated; run `formulary migrate`.",
                is_wrong=True,
            )
        ]
    findings = [Finding(f"{len(slugs)} formulas are published.", is_wrong=not slugs)]
    findings += [
        Finding(
            f"The account of {program} is still an example.",
            is_wrong=settings.is_production,
        )
        for program in book.example_accounts
    ]
    if not has_people:
        findings.append(Finding("Nobody can sign in to the console yet; run `formulary console-link`."))
    findings += examine_counting(settings)
    unreviewed = len(db.session.scalars(select(Statement.id).where(Statement.reviewed_on.is_(None))).all())
    if unreviewed:
        findings.append(Finding(f"{unreviewed} clinical rows are not yet reviewed by a licensed person."))
    findings.append(Finding(describe_connection(settings)))
    withheld = db.session.scalars(select(Statement.source_gap).where(Statement.source_gap.is_not(None)))
    findings += [Finding(f"A row is withheld: {reason}.") for reason in withheld]
    findings += [
        Finding(
            f"The link of {health.link.product} at {health.link.program} has failed {health.failures} times in a row "
            f"since it was last well: {health.reason}"
        )
        for health in list_link_health(book)
        if health.is_flagged
    ]
    return findings


def examine_counting(settings: Settings) -> list[Finding]:
    """Why clicks are not counted; empty where they are."""
    if not settings.counts_clicks:
        return [Finding("Clicks are not counted: CLICKS is off.")]
    fault = fault_of(settings.clicks_dir)
    return [Finding(fault, is_wrong=True)] if fault else []


def examine_claims() -> list[Finding]:
    """The wording that makes a disease claim beside a supplement; it reads every publication and program."""
    claims: list[Claim] = []
    sellers: set[str] = set()
    for public, offered in list_published_texts():
        claims += claims_in(public, offered)
        sellers |= sellers_of_supplements(offered)
    programs = current_book().programs
    for key in sorted(sellers & programs.keys()):
        claims += claims_of_program(programs[key])
    return [Finding(f"Claims check: {claim}") for claim in claims]
