"""Publishing: validate an entity whole, then write the one document that everything reads."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from service.catalog import queries
from service.catalog.actions import raise_catalog_version
from service.catalog.codes import product_code
from service.catalog.errors import FormulaNotPublishable, HerbNotFound
from service.catalog.models import Formula, Herb, IssuedCode, IssuedShortName, Publication
from service.catalog.schemas import (
    CombinationIn,
    EvidenceIn,
    FormulaIn,
    HerbIn,
    SourceIn,
)
from service.catalog.short_names import fold
from service.catalog.statements import Combination, Evidence, Source
from service.catalog.terms import PUBLIC_CONFIDENCES
from service.extensions import db
from service.lookup.keys import keys_of
from service.publishing.bodies import (
    Surroundings,
    compose_formula,
    compose_herb,
)
from service.publishing.checks import what_is_missing, what_was_taken_away
from service.publishing.rules import cautions_of, forbidden_words, public_cautions_of, title_of
from service.referrals.book import Book
from service.referrals.disclosures import sentences_of_warnings, skin_warnings_of
from service.referrals.queries import list_listings

STAMP = ("revision", "catalog_version", "published_at", "status")


def read_surroundings() -> Surroundings:
    """Everything documents refer to, for one publishing run."""
    herbs = db.session.scalars(select(Publication.document).filter_by(kind="herb", is_current=True))
    return Surroundings(
        herbs={herb["slug"]: herb for herb in map(json.loads, herbs)},
        sources={row["key"]: row for row in SourceIn(many=True).dump(db.session.scalars(select(Source)))},
        evidence=EvidenceIn(many=True).dump(db.session.scalars(select(Evidence).order_by(Evidence.key))),
        combinations=CombinationIn(many=True).dump(db.session.scalars(select(Combination).order_by(Combination.key))),
        listings=list_listings(),
    )


def publish_formula(slug: str, *, by: str, reason: str, around: Surroundings, book: Book) -> Publication:
    """Publish a formula's working copy; the current publication itself when nothing changed.

    Raises FormulaNotFound, and FormulaNotPublishable with the list of what is missing.
    """
    formula = queries.get_formula(slug)
    document: dict[str, Any] = FormulaIn().dump(formula)
    missing = what_is_missing(document, around=around, book=book)
    if missing:
        raise FormulaNotPublishable(slug, missing)
    for product in document.get("products", []):
        _issue_code(product["slug"], slug)
    _issue_short_name(document.get("short_name"), slug)
    return _publish(
        formula,
        "formula",
        document,
        compose_formula(document, around),
        around=around,
        by=by,
        reason=reason,
    )


def refresh_formula(slug: str, *, by: str, reason: str, around: Surroundings) -> Publication:
    """Compose a published formula anew, from the document as published: its surroundings may have changed.

    What is being edited stays unpublished. Raises FormulaNotFound, and FormulaNotPublishable when it
    is not published, or when the surroundings no longer bear out what it has to say.
    """
    formula = queries.get_formula(slug)
    document = json.loads(_get_current(slug).document)
    missing = what_was_taken_away(document, around=around)
    if missing:
        raise FormulaNotPublishable(slug, missing)
    return _publish(
        formula,
        "formula",
        document,
        compose_formula(document, around),
        around=around,
        by=by,
        reason=reason,
    )


def publish_herb(slug: str, *, by: str, reason: str, around: Surroundings) -> Publication:
    """Publish a herb's working copy. Raises HerbNotFound.

    The formulas that hold it carry its cautions: publish them after it (`refresh_formula`).
    """
    herb = queries.find_herb(slug)
    if herb is None:
        raise HerbNotFound(f"There is no herb {slug!r} here.")
    document: dict[str, Any] = HerbIn().dump(herb)
    return _publish(herb, "herb", document, compose_herb(document, around), around=around, by=by, reason=reason)


def withdraw_formula(slug: str, *, by: str, reason: str) -> Publication:
    """Take a formula back: its card says so, its links end.

    Raises FormulaNotFound, and FormulaNotPublishable when it is not published.
    """
    formula = queries.get_formula(slug)
    current = _get_current(slug)
    formula.status = "withdrawn"
    bodies = {name: json.loads(getattr(current, name)) for name in ("public", "practitioner", "summary")}
    texts = {
        "document": current.document,
        "search": current.search,
        "offered": current.offered,
    }
    return _write(formula, "formula", bodies, texts, status="withdrawn", by=by, reason=reason)


def _get_current(slug: str) -> Publication:
    """What the public reads now. Raises FormulaNotPublishable when there is nothing."""
    current = queries.find_current("formula", slug)
    if current is None or current.status == "withdrawn":
        raise FormulaNotPublishable(slug, ["it is not published"])
    return current


def _publish(
    entity: Formula | Herb,
    kind: str,
    document: Mapping[str, Any],
    bodies: Mapping[str, Any],
    *,
    around: Surroundings,
    by: str,
    reason: str,
) -> Publication:
    unsaid = [f"other words for {text!r}" for text in forbidden_words(bodies["public"])]
    if unsaid:
        raise FormulaNotPublishable(entity.slug, unsaid)
    texts = {
        "document": _json(document),
        "search": _json(_search_of(document)),
        "offered": _json(_offered_of(document, around)),
    }
    current = queries.find_current(kind, entity.slug)
    if current is not None and current.status == "published" and _is_same(current, bodies, texts):
        return current
    entity.status = "published"
    return _write(entity, kind, bodies, texts, status="published", by=by, reason=reason)


def _write(
    entity: Formula | Herb,
    kind: str,
    bodies: Mapping[str, Any],
    texts: Mapping[str, str],
    *,
    status: str,
    by: str,
    reason: str,
) -> Publication:
    now = datetime.now(UTC).replace(microsecond=0)
    last = queries.find_current(kind, entity.slug)
    if last is not None:
        last.is_current = False
        db.session.flush()
    entity.revision += 1
    version = raise_catalog_version()
    stamp = {
        "status": status,
        "revision": entity.revision,
        "catalog_version": version,
        "published_at": now.isoformat().replace("+00:00", "Z"),
    }
    publication = Publication(
        kind=kind,
        slug=entity.slug,
        revision=entity.revision,
        status=status,
        **texts,
        **{name: _json({**body, **stamp}) for name, body in bodies.items()},
        published_at=now,
        published_by=by,
        reason=reason,
        catalog_version=version,
    )
    db.session.add(publication)
    db.session.flush()
    return publication


def _is_same(current: Publication, bodies: Mapping[str, Any], texts: Mapping[str, str]) -> bool:
    def without_stamp(text: str) -> dict[str, Any]:
        return {key: value for key, value in json.loads(text).items() if key not in STAMP}

    return all(getattr(current, name) == text for name, text in texts.items()) and all(
        without_stamp(getattr(current, name)) == json.loads(_json(body)) for name, body in bodies.items()
    )


def _search_of(document: Mapping[str, Any]) -> dict[str, Any]:
    shown = ("text", "script", "preferred")
    names = [
        {key: name[key] for key in shown if key in name}
        for name in document.get("names", [])
        if name["confidence"] in PUBLIC_CONFIDENCES
    ]
    return {"names": names, "keys": keys_of(names)}


def _offered_of(document: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    title = title_of(document)
    cautions = public_cautions_of(cautions_of(document, around.herbs))
    shown = (
        "slug",
        "name",
        "maker",
        "program",
        "destination",
        "substitutes",
        "regulatory_class",
        "prop_65",
        "retail_price",
    )
    short_name = {"short_name": document["short_name"]} if "short_name" in document else {}
    return {
        "kind": document.get("kind"),
        "title": title.get("pinyin") or title.get("english") or document["slug"],
        **short_name,
        "warnings": skin_warnings_of(cautions),
        "said_by": sentences_of_warnings(cautions),
        "products": [
            {key: product[key] for key in shown if key in product}
            for product in map(around.listed, document.get("products", []))
        ],
    }


def _issue_code(product: str, formula: str) -> None:
    code = product_code(product)
    held = db.session.get(IssuedCode, code)
    if held is None:
        db.session.add(IssuedCode(code=code, product=product, formula=formula))
    elif held.product != product:
        raise FormulaNotPublishable(formula, [f"product {product} needs another slug: its link code is taken"])
    else:
        held.formula = formula


def _issue_short_name(short_name: str | None, formula: str) -> None:
    """Keep a short name for this formula for good. Raises FormulaNotPublishable where it leads elsewhere."""
    confusable = db.session.get(IssuedShortName, fold(formula))
    if confusable is not None and confusable.formula != formula:
        raise FormulaNotPublishable(
            formula, [f"another slug: /{confusable.short_name} leads to {confusable.formula} for good"]
        )
    if short_name is None:
        return
    held = db.session.get(IssuedShortName, fold(short_name))
    holder = held.formula if held else _find_slug_like(short_name, formula)
    if holder is None:
        db.session.add(IssuedShortName(key=fold(short_name), short_name=short_name, formula=formula))
    elif holder != formula:
        raise FormulaNotPublishable(formula, [f"another short_name: /{short_name} belongs to {holder} for good"])
    elif held is not None:
        held.short_name = short_name


def _find_slug_like(short_name: str, formula: str) -> str | None:
    """Another published formula, withdrawn ones among them, whose slug is heard as this short name is."""
    heard = func.replace(Publication.slug, "-", "")  # all that `fold` takes from a slug
    query = select(Publication.slug).filter_by(kind="formula", is_current=True)
    return db.session.scalar(query.where(heard == fold(short_name), Publication.slug != formula).limit(1))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
