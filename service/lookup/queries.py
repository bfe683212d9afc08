"""This app's look-up index, as current as its catalog version."""

from flask import Flask, current_app

from service.catalog.queries import list_search_rows
from service.catalog.version import PerVersion, VersionWatch
from service.lookup.index import Index


def keep_index(app: Flask, version: VersionWatch) -> None:
    """Give the app its index; it is built on first use and after each change of the catalog."""
    app.extensions["lookup_index"] = PerVersion(version, lambda: Index(list_search_rows()))


def current_index() -> Index:
    held: PerVersion[Index] = current_app.extensions["lookup_index"]
    return held()
