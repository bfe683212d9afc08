"""The app, made from its settings; this file reads as its table of contents."""

from collections.abc import Callable

from flask import Blueprint, Flask, request
from sqlalchemy import event
from werkzeug.middleware.proxy_fix import ProxyFix

from service.accounts.guards import Guard, everyone
from service.cards.oembed import oembed
from service.cards.pages import cards, pages
from service.cards.style import CARD_STYLE, PAGE_STYLE, prepare_templates, render_error
from service.catalog import api as catalog_api
from service.catalog.direct import DirectReads
from service.catalog.version import VersionWatch
from service.config import Settings, load_settings
from service.extensions import db, limiter
from service.feeds.pages import feeds
from service.lookup import api as lookup_api
from service.lookup.queries import keep_index
from service.operations.pages import operations
from service.reference.pages import reference
from service.referrals import api as referrals_api
from service.referrals.pages import go
from service.referrals.queries import keep_book
from service.shared.api import Api
from service.shared.database import tune_sqlite
from service.shared.errors import NotFound
from service.shared.logging import configure_logging, log_requests
from service.shared.problems import register_problems
from service.shared.published import PublishedBytes
from service.shared.zones import Zone, api_zone, card_zone, go_zone, page_zone

API_DESCRIPTION = (
    "Chinese herbal formulas with their cautions and sources, and correct links to them. Reads are public, "
    "carry a strong ETag and answer 304; practitioner views need a bearer key."
)


def create_app(settings: Settings | None = None) -> Flask:
    """The whole service as a WSGI app. Raises SettingsError."""
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    app = Flask(__name__, static_folder="cards/static", static_url_path="/static")
    app.config.from_mapping(flask_config(settings))
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    bind_extensions(app, settings)
    register_features(app, settings)
    register_problems(app, render_error)
    prepare_templates(app)
    log_requests(app)
    wrap(app, settings)
    return app


def flask_config(settings: Settings) -> dict[str, object]:
    """Our settings in the names the libraries read."""
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_recycle": 1800, "hide_parameters": True},
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": settings.redis_url is not None,
        "API_TITLE": "Formulary",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "API_SPEC_OPTIONS": {
            "info": {"description": API_DESCRIPTION},
            "servers": [{"url": settings.public_url}],
        },
        "FORMULARY": settings,
        "MAX_CONTENT_LENGTH": 1024 * 1024,
    }


def bind_extensions(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    limiter.init_app(app)
    with app.app_context():
        if settings.sqlite_file is not None:
            event.listen(db.engine, "connect", tune_sqlite)
        version = VersionWatch(db.engine)
    app.extensions["catalog_version"] = version
    app.extensions["formulary_api"] = Api(app)
    keep_book(app, version, settings.public_url)
    keep_index(app, version)


def register_features(app: Flask, settings: Settings) -> None:
    """Each blueprint with the zone that protects its answers and the guard that admits to it."""
    page, api = page_zone(PAGE_STYLE), api_zone()
    card = card_zone(CARD_STYLE, settings.frame_ancestors)
    documented = app.extensions["formulary_api"].register_blueprint

    mount(app, pages, zone=page, guard=everyone)
    mount(app, cards, zone=card, guard=everyone)
    mount(app, go, zone=go_zone(PAGE_STYLE), guard=everyone)
    mount(app, reference, zone=page, guard=everyone)
    mount(app, operations, zone=api, guard=everyone)
    mount(app, catalog_api.formulas, zone=api, guard=everyone, register=documented)
    mount(app, catalog_api.herbs, zone=api, guard=everyone, register=documented)
    mount(app, referrals_api.offers, zone=api, guard=everyone, register=documented)
    mount(app, lookup_api.search, zone=api, guard=everyone, register=documented)
    mount(app, feeds, zone=api, guard=everyone, register=documented)
    mount(app, oembed, zone=api, guard=everyone, register=documented)
    app.before_request(refuse_control_characters)
    # What belongs to no blueprint: unknown addresses and the static files.
    app.after_request(page.protect)
    limiter.limit("600 per minute")(go)


def refuse_control_characters() -> None:
    """No address of ours holds one, and PostgreSQL takes no NUL. Raises NotFound."""
    if not request.path.isprintable():
        raise NotFound("There is nothing at this address.")


def mount(
    app: Flask,
    blueprint: Blueprint,
    *,
    zone: Zone,
    guard: Guard,
    register: Callable[[Blueprint], None] | None = None,
) -> None:
    """Register a blueprint behind its guard and inside its zone."""
    app.before_request_funcs.setdefault(blueprint.name, []).append(guard)
    app.after_request_funcs.setdefault(blueprint.name, []).append(zone.protect)
    app.extensions.setdefault("guards", {})[blueprint.name] = guard
    (register or app.register_blueprint)(blueprint)


def public_kinds(app: Flask) -> dict[str, str]:
    """The folders that are read without asking Flask: those whose guard lets everyone in."""
    kinds = {catalog_api.formulas: "formula", catalog_api.herbs: "herb"}
    guards = app.extensions["guards"]
    return {blueprint.url_prefix: kind for blueprint, kind in kinds.items() if guards[blueprint.name] is everyone}


def wrap(app: Flask, settings: Settings) -> None:
    """The layers in front of Flask, the outermost last."""
    with app.app_context():
        read = DirectReads(db.engine, public_kinds(app), api_zone().headers)
    app.wsgi_app = PublishedBytes(app.wsgi_app, app.extensions["catalog_version"], read=read)  # type: ignore[method-assign]  # Flask's documented way
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as above
