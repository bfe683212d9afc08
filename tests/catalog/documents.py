"""Hypothesis strategies for whole documents, as their schemas accept them."""

from typing import Any

from hypothesis import strategies as st

from service.catalog import terms

Fields = dict[str, st.SearchStrategy[Any]]

words = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=12)
slugs = st.from_regex(r"\A[a-z0-9]{1,6}(-[a-z0-9]{1,4}){0,2}\Z")
amounts = st.floats(0.01, 900, allow_nan=False)
days = st.dates().map(str)
confidences = st.sampled_from(terms.CONFIDENCES)
sources = st.lists(words, min_size=1, max_size=3, unique=True).map(sorted)


def statement(required: Fields, optional: Fields | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """A clinical row: its own fields, and what every statement may carry."""
    common = st.fixed_dictionaries({"confidence": confidences, "sources": sources}, optional={"note": words})
    review: st.SearchStrategy[dict[str, Any]] = st.one_of(
        st.just({}),
        st.fixed_dictionaries(
            {"reviewer": words, "reviewer_licence": words, "reviewed_on": days}, optional={"review_due_on": days}
        ),
    )
    own = st.fixed_dictionaries(required, optional=optional or {})
    return st.tuples(common, review, own).map(lambda parts: {**parts[0], **parts[1], **parts[2]})


def ranged(name: str) -> st.SearchStrategy[dict[str, float]]:
    """Both ends of a range, or neither."""
    pair = st.lists(amounts, min_size=2, max_size=2).map(sorted)
    return st.one_of(st.just({}), pair.map(lambda ends: {f"{name}_min": ends[0], f"{name}_max": ends[1]}))


names = statement({"text": words, "script": st.sampled_from(terms.SCRIPTS)}, {"preferred": st.just(True)})
cautions = statement(
    {
        "key": slugs,
        "type": st.sampled_from(terms.CAUTION_TYPES),
        "subjects": st.lists(st.tuples(st.sampled_from(terms.SUBJECT_KINDS), slugs).map(":".join), min_size=1),
        "grade": st.sampled_from(terms.GRADES),
        "text": words,
    },
    {
        "certainty": st.sampled_from(terms.CERTAINTIES),
        "basis": st.lists(st.sampled_from(terms.EVIDENCE_BASES), min_size=1),
        "patient_text": words,
        "mechanism": words,
        "what_to_do": words,
        "conflict": words,
    },
)
indications = statement(
    {
        "audience": st.sampled_from(terms.AUDIENCES),
        "sort": st.sampled_from(terms.INDICATION_SORTS),
        "text": words,
    },
    {"lay_terms": st.lists(words, min_size=1), "code": words},
)
doses = st.tuples(statement({"form": words, "text": words, "basis": words}), ranged("grams")).map(
    lambda parts: {**parts[0], **parts[1]}
)
notes = statement({"topic": st.sampled_from(terms.NOTE_TOPICS), "text": words})
origins = statement({"book": words}, {"chapter": words, "author": words, "year": st.integers(1, 2026)})
ingredients = st.tuples(
    statement({"herb": slugs, "dose_basis": words}, {"classical_dose": words, "optional": st.just(True)}),
    ranged("grams"),
    ranged("percent"),
).map(lambda parts: {**parts[0], **parts[1], **parts[2]})
drug_facts = st.fixed_dictionaries(
    {
        "label_date": st.just("2017-12-13"),
        "ndc": words,
        "active": st.lists(
            st.fixed_dictionaries({"name": words, "amount": words, "purpose": words}), min_size=1, max_size=2
        ),
        "warnings": st.lists(words, min_size=1),
        "pregnancy": words,
        "confidence": confidences,
        "sources": sources,
    },
    optional={"uses": words, "directions": words},
)
destinations = st.one_of(
    st.fixed_dictionaries({"url": words}),
    st.fixed_dictionaries({"template": slugs}, optional={"variables": st.dictionaries(words, words, min_size=1)}),
)
substitutes = st.lists(st.fixed_dictionaries({"program": slugs, "destination": destinations}), min_size=1, max_size=2)


@st.composite
def products(draw: st.DrawFn) -> dict[str, Any]:
    product: dict[str, Any] = draw(
        st.fixed_dictionaries(
            {"slug": slugs, "name": words, "program": slugs, "destination": destinations},
            optional={
                "maker": words,
                "substitutes": substitutes,
                "omits": st.lists(slugs, min_size=1),
                "last_verified_on": days,
            },
        )
    )
    is_drug = draw(st.booleans())
    product["regulatory_class"] = "otc_drug" if is_drug else "supplement"
    return {**product, "drug_facts": draw(drug_facts)} if is_drug else product


def unique_rows(rows: st.SearchStrategy[Any], *keys: str) -> st.SearchStrategy[list[Any]]:
    return st.lists(rows, min_size=1, max_size=3, unique_by=lambda row: tuple(row[key] for key in keys))


herbs = st.fixed_dictionaries(
    {"slug": slugs},
    optional={
        "species": words,
        "safety_as": slugs,
        "names": unique_rows(names, "script", "text"),
        "doses": st.lists(doses, min_size=1, max_size=2),
        "cautions": unique_rows(cautions, "key"),
        "notes": st.lists(notes, min_size=1, max_size=2),
    },
)
formulas = st.fixed_dictionaries(
    {
        "slug": slugs,
        "kind": st.sampled_from(terms.FORMULA_KINDS),
        "category": words,
        "route": st.sampled_from(terms.ROUTES),
    },
    optional={
        "short_name": st.from_regex(r"\A[a-z]{3,8}(-[a-z]{1,6}){0,2}\Z"),
        "forms": st.lists(words, min_size=1),
        "origins": st.lists(origins, min_size=1, max_size=1),
        "names": unique_rows(names, "script", "text"),
        "ingredients": unique_rows(ingredients, "herb"),
        "indications": st.lists(indications, min_size=1, max_size=2),
        "cautions": unique_rows(cautions, "key"),
        "doses": st.lists(doses, min_size=1, max_size=2),
        "notes": st.lists(notes, min_size=1, max_size=2),
        "products": unique_rows(products(), "slug"),
    },
)
