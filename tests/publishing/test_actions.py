import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from service.catalog.actions import save_formula, save_herb
from service.catalog.errors import FormulaNotFound, FormulaNotPublishable
from service.catalog.models import IssuedCode, Publication
from service.catalog.queries import find_current, find_herb, get_formula
from service.catalog.schemas import FormulaIn, HerbIn
from service.catalog.version import watch
from service.extensions import db, transaction
from service.publishing.actions import (
    publish_formula,
    publish_herb,
    read_surroundings,
    refresh_formula,
    withdraw_formula,
)
from service.referrals.queries import current_book, find_program

ZHENG_GU = "zheng-gu-shui"


def document_of(slug: str) -> dict[str, Any]:
    document: dict[str, Any] = FormulaIn().dump(get_formula(slug))
    return document


def save_and_publish(document: dict[str, Any]) -> Publication:
    with transaction():
        save_formula(FormulaIn().load(document))
        return publish_formula(
            document["slug"], by="a test", reason="a test", around=read_surroundings(), book=current_book()
        )


def test_a_publication_is_the_document_and_everything_read_from_it(app: Flask) -> None:
    current = find_current("formula", ZHENG_GU)
    assert current is not None
    assert json.loads(current.document) == document_of(ZHENG_GU)
    for text in (current.public, current.practitioner, current.summary):
        body = json.loads(text)
        assert (body["slug"], body["status"], body["revision"]) == (ZHENG_GU, "published", 1)
        assert body["catalog_version"] == current.catalog_version


def test_publishing_what_has_not_changed_writes_nothing(app: Flask) -> None:
    before = find_current("formula", ZHENG_GU)
    version = watch()()
    after = save_and_publish(document_of(ZHENG_GU))
    assert before is not None
    assert after.id == before.id
    assert watch()() == version


def test_a_change_is_seen_by_the_next_read_of_every_surface(app: Flask) -> None:
    client = app.test_client()
    paths = [f"/f/{ZHENG_GU}", f"/cards/{ZHENG_GU}", "/feed.json", f"/api/v1/formulas/{ZHENG_GU}"]
    before = {path: client.get(path).headers["ETag"] for path in paths}
    document = document_of(ZHENG_GU)
    document["cautions"][1]["patient_text"] = "Only ever on the skin."
    save_and_publish(document)
    for path in paths:
        answer = client.get(path)
        assert "Only ever on the skin." in answer.get_data(as_text=True)
        assert answer.headers["ETag"] != before[path]


def test_each_revision_is_kept_and_one_is_current(app: Flask) -> None:
    document = document_of(ZHENG_GU)
    document["category"] = "another class"
    publication = save_and_publish(document)
    assert (publication.revision, publication.published_by) == (2, "a test")
    rows = db.session.scalars(select(Publication).filter_by(slug=ZHENG_GU).order_by(Publication.revision)).all()
    assert [(row.revision, row.is_current) for row in rows] == [(1, False), (2, True)]
    assert json.loads(rows[0].document)["category"] == "traumatology liniment"


def test_the_catalog_version_rises_with_each_publication_and_names_it(app: Flask) -> None:
    version = watch()()
    document = document_of(ZHENG_GU)
    document["category"] = "another class"
    assert save_and_publish(document).catalog_version == version + 1 == watch()()
    versions = db.session.scalars(select(Publication.catalog_version)).all()
    assert len(versions) == len(set(versions))


def test_publishing_refuses_with_the_list_of_what_is_missing(app: Flask) -> None:
    document = {
        "slug": "empty-tang",
        "kind": "internal_formula",
        "category": "c",
        "route": "oral",
        "names": [{"text": "空汤", "script": "hans", "confidence": "H"}],
    }
    with pytest.raises(FormulaNotPublishable) as refusal:
        save_and_publish(document)
    said = "; ".join(refusal.value.missing)
    for what in ("name in pinyin", "name in english", "indication", "caution", "ingredients"):
        assert what in said
    assert db.session.scalar(select(func.count()).select_from(Publication).filter_by(slug="empty-tang")) == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"program": "nobody"}, "program nobody"),
        ({"destination": {"template": "cart"}}, "no template 'cart'"),
        ({"destination": {"template": "search", "variables": {}}}, "lacks a value for k"),
        ({"destination": {"url": "https://evil.example/s?tag=x"}}, "not a host of this program"),
        ({"destination": {"url": "https://www.amazon.com/dp/B0?tag=someoneelse-20"}}, "our tag 'example-20'"),
        ({"destination": {"url": "https://www.amazon.com/dp/B0"}}, "our tag 'example-20'"),
        ({"destination": {"url": "http://www.amazon.com/dp/1"}}, "not a plain https URL"),
        ({"regulatory_class": "supplement", "drug_facts": None}, "as otc_drug"),
        ({"substitutes": [{"program": "nobody", "destination": {"url": "x"}}]}, "program nobody of substitute 1"),
        (
            {"substitutes": [{"program": "fullscript", "destination": {"url": "https://evil.example/"}}]},
            "a link for substitute 1 of zheng-gu-shui-regular: .* not a host",
        ),
    ],
)
def test_a_product_whose_link_cannot_be_made_stops_the_publication(
    app: Flask, change: dict[str, Any], says: str
) -> None:
    document = document_of(ZHENG_GU)
    product = {**document["products"][0], **change}
    document["products"][0] = {key: value for key, value in product.items() if value is not None}
    with pytest.raises(FormulaNotPublishable, match=says):
        save_and_publish(document)


@pytest.mark.parametrize("words", ["It is safe for all.", "It has no side effects.", "FDA approved."])
def test_words_no_card_may_say_stop_the_publication(app: Flask, words: str) -> None:
    document = document_of(ZHENG_GU)
    document["indications"][-1]["text"] = words
    with pytest.raises(FormulaNotPublishable, match="other words for"):
        save_and_publish(document)


def test_words_no_card_may_say_are_found_in_drug_facts_and_in_herbs_too(app: Flask) -> None:
    document = document_of(ZHENG_GU)
    document["products"][0]["drug_facts"]["uses"] = "Has no side effects."
    with pytest.raises(FormulaNotPublishable, match="no side effects"):
        save_and_publish(document)
    herb = HerbIn().dump(find_herb("gan-cao"))
    herb["cautions"][0]["patient_text"] = "This herb is safe."
    with pytest.raises(FormulaNotPublishable, match="This herb is safe"), transaction():
        save_herb(HerbIn().load(herb))
        publish_herb("gan-cao", by="x", reason="x", around=read_surroundings())


def test_drug_facts_of_low_confidence_stop_the_publication(app: Flask) -> None:
    document = document_of(ZHENG_GU)
    document["products"][0]["drug_facts"]["confidence"] = "L"
    with pytest.raises(FormulaNotPublishable, match="Drug Facts of confidence H or M"):
        save_and_publish(document)


def test_an_unknown_formula_cannot_be_published(app: Flask) -> None:
    with pytest.raises(FormulaNotFound), transaction():
        publish_formula("nothing", by="x", reason="x", around=read_surroundings(), book=current_book())


def test_a_herbs_change_reaches_the_formulas_that_hold_it_without_publishing_their_edits(app: Flask) -> None:
    slug = "shao-yao-gan-cao-tang"
    with transaction():
        edited = document_of(slug)
        edited["category"] = "an edit nobody published"
        save_formula(FormulaIn().load(edited))
        herb = HerbIn().dump(find_herb("gan-cao"))
        herb["cautions"].append(
            {
                "key": "new",
                "type": "warning",
                "subjects": ["condition:hypertension"],
                "grade": "contraindicated",
                "text": "t",
                "patient_text": "A new caution of licorice.",
                "confidence": "H",
                "sources": ["TJ68"],
            }
        )
        save_herb(HerbIn().load(herb))
        publish_herb("gan-cao", by="x", reason="x", around=read_surroundings())
        refreshed = refresh_formula(slug, by="x", reason="its herb changed", around=read_surroundings())
    assert "A new caution of licorice." in refreshed.practitioner
    assert "an edit nobody published" not in refreshed.document


def test_a_products_own_form_asks_for_the_flammable_warning_too(app: Flask) -> None:
    document = document_of(ZHENG_GU)
    document["forms"] = ["plaster"]
    document["cautions"] = [caution for caution in document["cautions"] if caution["key"] != "c_flammable"]
    document["products"] = document["products"][:1]
    document["products"][0]["form"] = "Liniment, 100 ml"
    with pytest.raises(FormulaNotPublishable, match="a public caution that it is flammable"):
        save_and_publish(document)


def move_caution_to_its_herb(key: str) -> None:
    """Publish the liniment with this caution on its camphor alone."""
    document = document_of(ZHENG_GU)
    (moved,) = (caution for caution in document["cautions"] if caution["key"] == key)
    document["cautions"].remove(moved)
    with transaction():
        herb = HerbIn().dump(find_herb("zhang-nao"))
        save_herb(HerbIn().load({**herb, "cautions": [*herb.get("cautions", []), moved]}))
        publish_herb("zhang-nao", by="x", reason="x", around=read_surroundings())
    save_and_publish(document)


def take_caution_from_its_herb(key: str) -> None:
    herb = HerbIn().dump(find_herb("zhang-nao"))
    rest = [caution for caution in herb["cautions"] if caution["key"] != key]
    save_herb(HerbIn().load({**herb, "cautions": rest}))
    publish_herb("zhang-nao", by="x", reason="x", around=read_surroundings())


def test_a_liniment_whose_warning_hung_on_a_herb_is_not_composed_anew_without_it(app: Flask) -> None:
    move_caution_to_its_herb("c_flammable")
    before = find_current("formula", ZHENG_GU)
    assert before is not None
    assert "Flammable" in before.offered
    with pytest.raises(FormulaNotPublishable) as refusal, transaction():
        take_caution_from_its_herb("c_flammable")
        refresh_formula(ZHENG_GU, by="x", reason="its herb changed", around=read_surroundings())
    assert refusal.value.missing == ["a public caution that it is flammable"]
    after = find_current("formula", ZHENG_GU)
    assert after is not None
    assert after.id == before.id


def test_a_link_that_cannot_be_made_any_more_does_not_keep_a_formula_from_being_composed_anew(app: Flask) -> None:
    with transaction():
        program = find_program("amazon")
        assert program is not None
        program.templates = {"home": "https://www.amazon.com/{?tag}"}
        kept = refresh_formula(ZHENG_GU, by="x", reason="a program changed", around=read_surroundings())
    assert kept.status == "published"


def test_codes_are_issued_once_and_kept_when_a_product_goes(app: Flask) -> None:
    document = document_of(ZHENG_GU)
    del document["products"][1]
    before = db.session.scalar(select(func.count()).select_from(IssuedCode))
    save_and_publish(document)
    assert db.session.scalar(select(func.count()).select_from(IssuedCode)) == before == 4


class TestWithdrawn:
    @pytest.fixture(autouse=True)
    def withdrawn(self, app: Flask) -> None:
        with transaction():
            withdraw_formula(ZHENG_GU, by="x", reason="recalled")

    @pytest.mark.parametrize("path", ["/api/v1/formulas/{}", "/api/v1/formulas/{}/offers", "/f/{}", "/cards/{}"])
    def test_every_surface_answers_410(self, app: Flask, path: str) -> None:
        assert app.test_client().get(path.format(ZHENG_GU)).status_code == 410

    def test_its_card_says_so_and_has_no_link(self, app: Flask) -> None:
        text = app.test_client().get(f"/cards/{ZHENG_GU}").get_data(as_text=True)
        assert "no longer recommended" in text
        assert "<a " not in text

    def test_it_is_gone_from_lists_feed_and_search(self, app: Flask) -> None:
        client = app.test_client()
        for path in ("/", "/feed.json", "/api/v1/formulas", "/api/v1/search?q=正骨水"):
            assert f"/{ZHENG_GU}" not in client.get(path).get_data(as_text=True)
            assert f'"slug": "{ZHENG_GU}"' not in client.get(path).get_data(as_text=True)

    def test_it_cannot_be_withdrawn_twice(self, app: Flask) -> None:
        with pytest.raises(FormulaNotPublishable), transaction():
            withdraw_formula(ZHENG_GU, by="x", reason="again")

    def test_it_can_be_published_again(self, app: Flask) -> None:
        with transaction():
            publish_formula(ZHENG_GU, by="x", reason="back", around=read_surroundings(), book=current_book())
        assert app.test_client().get(f"/f/{ZHENG_GU}").status_code == 200
