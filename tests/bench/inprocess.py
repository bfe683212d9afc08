"""In-process figures: a WSGI call and its bytes, against the bare view's."""

from datetime import UTC, datetime
from statistics import median

from flask import Flask

from service.catalog.codes import product_code
from service.catalog.queries import get_published_formula
from service.referrals.offers import OfferedFormula, offers_for
from service.referrals.policy import Channel
from service.referrals.queries import current_book
from tests.bench.bare import PATH, make_bare
from tests.bench.calls import Call, interleave, layer_of, make_service
from tests.bench.growth import seconds_of
from tests.bench.table import Figure, Target, median_ratio, tell_times

SLUG = "du-huo-ji-sheng-tang"
JSON_PATH = f"/api/v1/formulas/{SLUG}"
GO_PATH = f"/go/{product_code('du-huo-ji-sheng-tang-fullscript')}w"
MISS_ON_SQLITE = Target(3, "×")
MISS_ON_POSTGRESQL = Target(8, "×")
HOT = Target(15, "× faster", at_least=True)
BARE = "bare Flask view"


def formula_json(app: Flask) -> tuple[bytes, str]:
    """The body and ETag of the formula that is measured."""
    body, headers = Call("formula", app, JSON_PATH).answer()
    return body, headers["ETag"]


def measure_calls(app: Flask, *, rounds: int, slice_seconds: float) -> list[Figure]:
    """Everything on one database; the ratio is of times, round by round."""
    body, etag = formula_json(app)
    misses = [Call("formula JSON, not in memory, SQLite", app, JSON_PATH, before=layer_of(app).forget)]
    hot = [
        Call("formula JSON, 200", app, JSON_PATH),
        Call("formula JSON, 304", app, JSON_PATH, status="304 Not Modified", headers={"HTTP_IF_NONE_MATCH": etag}),
        Call("card", app, f"/cards/{SLUG}"),
        Call("page", app, f"/f/{SLUG}"),
        Call("feed", app, "/feed.json"),
    ]
    others = [
        Call("search, q=duhuo", app, "/api/v1/search", "q=duhuo"),
        Call("redirect, /go", app, GO_PATH, status="302 FOUND"),
    ]
    bare = Call(BARE, make_bare(len(body)), PATH)
    found = interleave([bare, *misses, *hot, *others], rounds=rounds, slice_seconds=slice_seconds)
    figures = [Figure(f"{BARE}, {len(body):,} bytes of JSON", tell_times(median(found[BARE])), "1.00 ×")]
    figures += [slower(call, found, MISS_ON_SQLITE) for call in misses]
    figures += [faster(call, found, HOT) for call in hot]
    figures += [slower(call, found) for call in others]
    return [*figures, compose_offers(app, rounds)]


def measure_postgresql(url: str, *, rounds: int, slice_seconds: float) -> Figure:
    """The miss once more, where the database is another process."""
    app = make_service(url)
    call = Call("formula JSON, not in memory, PostgreSQL", app, JSON_PATH, before=layer_of(app).forget)
    bare = Call(BARE, make_bare(len(formula_json(app)[0])), PATH)
    found = interleave([bare, call], rounds=rounds, slice_seconds=slice_seconds)
    return slower(call, found, MISS_ON_POSTGRESQL)


def slower(call: Call, found: dict[str, list[float]], target: Target | None = None) -> Figure:
    """How many times as long as the bare view it takes."""
    ratio = median_ratio(found[call.name], found[BARE])
    return Figure(call.name, tell_times(median(found[call.name])), f"{ratio:.2f} ×", target, ratio)


def faster(call: Call, found: dict[str, list[float]], target: Target) -> Figure:
    """How many times as fast as the bare view it is."""
    ratio = median_ratio(found[BARE], found[call.name])
    return Figure(f"{call.name}, hot", tell_times(median(found[call.name])), f"{ratio:.1f} × faster", target, ratio)


def compose_offers(app: Flask, rounds: int) -> Figure:
    """Offers composed a second: one formula on the public web, its publication already read."""
    with app.app_context():
        book, now = current_book(), datetime.now(UTC)
        formula = OfferedFormula.read(SLUG, get_published_formula(SLUG).offered)
        offers = len(offers_for(formula, Channel.PUBLIC_WEB, book=book, now=now).offers)

        def compose() -> None:
            for _ in range(200):
                offers_for(formula, Channel.PUBLIC_WEB, book=book, now=now)

        seconds = median(seconds_of(compose) for _ in range(rounds)) / (200 * offers)
    rate = 1 / seconds
    return Figure("offers composed", f"{rate:,.0f} a second", "", Target(2000, "a second", at_least=True), rate)
