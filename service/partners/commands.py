"""The command line's group for Fullscript, each command one function."""

from collections.abc import Callable
from typing import Protocol

import click
from flask import current_app

from service.extensions import transaction
from service.partners.connection import current_fullscript, disconnect_account
from service.partners.queries import describe_connection, find_last_event
from service.partners.schemas import Variant


class Command(Protocol):
    """The command line's own decorator, which runs a function inside the app and tells what went wrong."""

    def __call__(self, function: Callable[..., None], *, group: click.Group) -> click.Command: ...


def add_fullscript(main: click.Group, command: Command) -> None:
    """Register the group and its commands."""
    group = click.Group("fullscript", help="The optional connection to Fullscript's API.")
    for function in (status, variant, search, discount, disconnect):
        command(function, group=group)
    main.add_command(group)


def status() -> None:
    """Say how things stand with Fullscript."""
    click.echo(describe_connection(current_app.config["FORMULARY"]))
    event = find_last_event()
    if event is not None:
        click.echo(f"The last event was {event.type}, received {event.received_at:%Y-%m-%d %H:%M} UTC.")


@click.argument("variant_id", metavar="ID")
def variant(variant_id: str) -> None:
    """Look a variant up: MSRP, availability, status."""
    for line in _facts(current_fullscript().look_up_variant(variant_id)):
        click.echo(line)


@click.argument("words", nargs=-1, required=True)
def search(words: tuple[str, ...]) -> None:
    """Search Fullscript's catalog, where Fullscript has granted that."""
    is_empty = True
    for product in current_fullscript().search_products(" ".join(words)):
        is_empty = False
        click.echo(product.name)
        for found in product.variants:
            click.echo(f"  {found.id}: {', '.join(_facts(found))}")
    if is_empty:
        click.echo("Fullscript's catalog has nothing by these words.")


def discount() -> None:
    """Read the dispensary's discount."""
    found = current_fullscript().read_discount()
    click.echo(
        f"The dispensary's discount is {found.percent:f} % of the MSRP, read {found.read_at:%Y-%m-%d %H:%M} UTC."
    )


def disconnect() -> None:
    """End the connection and forget its tokens."""
    with transaction():
        was_told = disconnect_account()
    click.echo("Fullscript is disconnected; its tokens are forgotten here.")
    if not was_told:
        click.echo(
            "Fullscript could not be told: end this application's access in Fullscript's own settings.", err=True
        )


def _facts(found: Variant) -> list[str]:
    told = (("MSRP", found.msrp), ("availability", found.availability), ("status", found.status))
    return [f"{name}: {value or 'not told'}" for name, value in told]
