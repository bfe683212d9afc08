"""The app, made from its settings; this file reads as its table of contents."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Flask, Response, request
from sqlalchemy import event
from werkzeug.middleware.proxy_fix import ProxyFix

from service.accounts.guards import CONSOLE, Guard, administrators, everyone, require_person, require_scope
from service.cards.oembed import oembed
from service.cards.pages import cards, pages
from service.cards.style import CARD_STYLE, PAGE_STYLE, prepare_templates
from service.cards.style import render_error as render_public_error
from service.catalog import api as catalog_api
from service.catalog.direct import DirectReads
from service.catalog.version import VersionWatch
from service.clicks import api as clicks_api
from service.clicks.counting import ClickCounter
from service.clicks.pages import KnownCodes, hits
from service.clicks.redirects import RedirectLayer
from service.config import Settings, load_settings
from service.console.clicks import console_clicks
from service.console.discounts import discounts
from service.console.frame import CONSOLE_STYLE, PRACTITIONERS
from service.console.frame import render_error as render_console_error
from service.console.links import console_links
from service.console.pages import console, console_entry
from service.console.products import products
from service.console.programs import programs
from service.console.sharing import console_sharing
from service.extensions import db, limiter
from service.feeds.pages import feeds
from service.lookup import api as lookup_api
from service.lookup.queries import keep_index
from service.operations.pages import operations
from service.partners.application import LINK_HOSTS, application_of
from service.partners.connection import keep_application
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
from service.shared.zones import Zone, api_zone, card_zone, console_zone, go_zone, page_zone
from service.sharing import api as sharing_api
from service.sharing.pages import qr_codes

API_DESCRIPTION = (
    "Chinese herbal formulas with their cautions and sources, and correct links to them. Reads are public, "
    "carry a strong ETag and answer 304; practitioner views need a bearer key."
)


# A host that is gone is given up after seconds; the defaults are minutes.
POSTGRESQL_PATIENCE = {"connect_timeout": 2, "tcp_user_timeout": 5000}


def create_app(settings: Settings | None = None) -> Flask:
    """The whole service as a WSGI app. Raises SettingsError."""
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    app = Flask(__name__, static_folder="cards/static", static_url_path="/static")
    # An address with a doubled slash is none of ours; to correct it would redirect to whatever host was asked for.
    app.url_map.merge_slashes = False
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
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_recycle": 1800,
            "hide_parameters": True,
            "connect_args": {} if settings.sqlite_file is not None else POSTGRESQL_PATIENCE,
        },
        **limiter_config(settings.redis_url),
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


def limiter_config(redis_url: str | None) -> dict[str, object]:
    """Where the limits count. A Redis that does not answer at once is passed over: they then count in this process."""
    if redis_url is None:
        return {"RATELIMIT_STORAGE_URI": "memory://"}
    # The limits' library has a name of its own for a socket's scheme.
    url = f"redis+{redis_url}" if redis_url.startswith("unix://") else redis_url
    return {
        "RATELIMIT_STORAGE_URI": url,
        "RATELIMIT_STORAGE_OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
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
    keep_application(app, application_of(settings))
    app.extensions["hit_codes"] = KnownCodes(version)


def register_features(app: Flask, settings: Settings) -> None:
    """Each blueprint with the zone that protects its answers and the guard that admits to it."""
    page, api = page_zone(PAGE_STYLE), api_zone()
    card = card_zone(CARD_STYLE, settings.frame_ancestors)
    private = console_zone(CONSOLE_STYLE)
    documented = app.extensions["formulary_api"].register_blueprint

    mount(app, pages, zone=page, guard=everyone)
    mount(app, qr_codes, zone=page, guard=everyone)
    mount(app, cards, zone=card, guard=everyone)
    mount(app, go, zone=go_zone(PAGE_STYLE), guard=everyone)
    mount(app, hits, zone=go_zone(PAGE_STYLE), guard=everyone)
    mount(app, reference, zone=page, guard=everyone)
    mount(app, operations, zone=api, guard=everyone)
    mount(app, catalog_api.formulas, zone=api, guard=everyone, register=documented)
    mount(app, catalog_api.herbs, zone=api, guard=everyone, register=documented)
    mount(app, referrals_api.offers, zone=api, guard=everyone, register=documented)
    mount(app, sharing_api.share, zone=api, guard=partial(require_scope, "read:practitioner"), register=documented)
    mount(app, referrals_api.links, zone=api, guard=administrators, register=documented)
    mount(app, lookup_api.search, zone=api, guard=everyone, register=documented)
    mount(app, feeds, zone=api, guard=everyone, register=documented)
    mount(app, clicks_api.clicks, zone=api, guard=partial(require_scope, "read:clicks"), register=documented)
    mount(app, oembed, zone=api, guard=everyone, register=documented)
    register_fullscript(app, settings)
    mount(app, console_entry, zone=private, guard=everyone)
    mount(app, console, zone=private, guard=require_person())
    mount(app, console_clicks, zone=private, guard=require_person(*PRACTITIONERS))
    mount(app, console_links, zone=private, guard=require_person(*PRACTITIONERS))
    mount(app, console_sharing, zone=console_zone(CONSOLE_STYLE, forms_lead_to=LINK_HOSTS), guard=require_person())
    mount(app, discounts, zone=private, guard=require_person("owner"))
    mount(app, programs, zone=private, guard=require_person("owner"))
    mount(app, products, zone=private, guard=require_person("owner"))
    app.before_request(refuse_control_characters)
    protect_the_rest(app, page=page, private=private)
    limiter.limit("600 per minute")(go)
    limiter.limit("600 per minute")(hits)


def register_fullscript(app: Flask, settings: Settings) -> None:
    """The optional partner: where it is not set up, its addresses are not there."""
    if app.extensions["fullscript"] is None:
        return
    from service.console.fullscript import console_fullscript
    from service.partners.api import fullscript_webhook
    from service.partners.pages import fullscript_pages

    private = go_zone(PAGE_STYLE)
    mount(app, fullscript_pages, zone=private, guard=require_person("owner"))
    mount(app, console_fullscript, zone=console_zone(CONSOLE_STYLE), guard=require_person(*PRACTITIONERS))
    if settings.fullscript_webhook_secret is not None:
        # The signature admits, over the body's own bytes.
        mount(app, fullscript_webhook, zone=private, guard=everyone)


def refuse_control_characters() -> None:
    """No address of ours holds one, and PostgreSQL takes no NUL. Raises NotFound."""
    if not request.path.isprintable():
        raise NotFound("There is nothing at this address.")


def protect_the_rest(app: Flask, *, page: Zone, private: Zone) -> None:
    """The zone of what belongs to no blueprint: unknown addresses and the static files."""

    @app.after_request
    def protect(response: Response) -> Response:
        return (private if request.path.startswith(CONSOLE) else page).protect(response)


def render_error(status: int, title: str, detail: str) -> str:
    """An error as a page of the surface it happened on."""
    render = render_console_error if request.path.startswith(CONSOLE) else render_public_error
    return render(status, title, detail)


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
    version = app.extensions["catalog_version"]
    published = app.extensions["published_bytes"] = PublishedBytes(app.wsgi_app, version, read=read)
    counter = app.extensions["click_counter"] = ClickCounter(settings.clicks_dir) if settings.counts_clicks else None
    count = None if counter is None else counter.count
    redirects = app.extensions["redirect_layer"] = RedirectLayer(published, version, count=count)
    app.wsgi_app = redirects  # type: ignore[method-assign]  # Flask's documented way
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as above
