"""What is wrong, and what is still an example."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from service.catalog.queries import list_published_slugs
from service.catalog.statements import Statement
from service.config import Settings, SettingsError
from service.extensions import db
from service.referrals.book import Book
from service.referrals.queries import current_book


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
    unreviewed = len(db.session.scalars(select(Statement.id).where(Statement.reviewed_on.is_(None))).all())
    if unreviewed:
        findings.append(Finding(f"{unreviewed} clinical rows are not yet reviewed by a licensed person."))
    withheld = db.session.scalars(select(Statement.source_gap).where(Statement.source_gap.is_not(None)))
    findings += [Finding(f"A row is withheld: {reason}.") for reason in withheld]
    return findings
