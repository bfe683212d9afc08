import re
from typing import Any

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.catalog.actions import save_formula
from service.catalog.queries import get_formula
from service.catalog.schemas import FormulaIn
from service.extensions import transaction
from service.publishing.actions import publish_formula, read_surroundings
from service.referrals.queries import current_book
from tests.sharing.words import conditions_named

SLUGS = ["du-huo-ji-sheng-tang", "shao-yao-gan-cao-tang", "zheng-gu-shui"]
FDA = (
    "These statements have not been evaluated by the Food and Drug Administration. "
    "This product is not intended to diagnose, treat, cure, or prevent any disease."
)


def publish(document: dict[str, Any]) -> None:
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula(document["slug"], by="x", reason="x", around=read_surroundings(), book=current_book())


@pytest.mark.parametrize("slug", SLUGS)
def test_a_card_is_complete_without_script_or_second_request(client: FlaskClient, slug: str) -> None:
    card = client.get(f"/cards/{slug}").get_data(as_text=True)
    scripts = re.findall(r"<script.*?</script>", card)
    # The one script there may be counts the clicks of links that lead to a vendor without us.
    assert scripts == ['<script src="/static/hit.js" defer></script>'] * card.count("data-hit=")
    assert not re.search(r'(src|href)="(?!https://|data:)', card.replace("".join(scripts) or "-", ""))
    for lang in ("zh-Hans", "zh-Latn-pinyin"):
        assert f'lang="{lang}"' in card
    assert "Discuss with your practitioner" in card
    assert "Not yet reviewed by a licensed practitioner" in card
    assert card.count('class="button"') == 1
    assert 'rel="sponsored nofollow noopener" target="_blank"' in card


@pytest.mark.parametrize("slug", SLUGS[:2])
def test_a_supplements_card_has_the_fda_sentence_in_bold_and_no_disease(client: FlaskClient, slug: str) -> None:
    card = client.get(f"/cards/{slug}").get_data(as_text=True)
    assert f'<p class="statement">{FDA}' in card.replace("\n", " ")
    for word in ("arthritis", "sciatica", "herniat", "osteo", "drug facts"):
        assert word not in card.lower()
    assert "Patient pricing shows after you sign in." in card
    assert "%" not in card.partition("<body>")[2]


def test_the_liniments_card_has_drug_facts_and_never_the_supplement_sentence(client: FlaskClient) -> None:
    card = client.get("/cards/zheng-gu-shui").get_data(as_text=True)
    assert "Drug Facts" in card
    assert "Camphor" in card
    assert FDA not in card
    assert "As an Amazon Associate I earn from qualifying purchases." in card
    assert "Zheng Gu Shui at Amazon (paid link)" in card
    assert "/go/" not in card


def test_the_two_strengths_have_drug_facts_of_their_own_on_the_page(client: FlaskClient) -> None:
    page = client.get("/f/zheng-gu-shui").get_data(as_text=True)
    assert page.count('aria-label="Drug Facts') == 2
    assert "5.6%" in page
    assert "4.1 g per 100 mL" in page


def test_the_formulas_own_cautions_come_before_those_of_its_herbs(client: FlaskClient) -> None:
    card = client.get("/cards/du-huo-ji-sheng-tang").get_data(as_text=True)
    for words in ("aristolochic acids", "pregnant", "low potassium", "kidney disease", "warfarin"):
        assert words in card


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_a_card_takes_its_theme(client: FlaskClient, theme: str) -> None:
    card = client.get(f"/cards/zheng-gu-shui?theme={theme}").get_data(as_text=True)
    assert f'data-theme="{theme}"' in card


@pytest.mark.parametrize("query", ["theme=pink", "theme=%3Cscript%3E", "size=huge", "theme=dark&x=1"])
def test_an_option_that_is_not_known_is_422_and_reflects_nothing(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/cards/zheng-gu-shui?{query}")
    assert answer.status_code == 422
    for word in ("pink", "script>", "huge"):
        assert word not in answer.get_data(as_text=True)


def test_an_unknown_card_is_a_small_card_without_a_link(client: FlaskClient) -> None:
    answer = client.get("/cards/no-such")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    text = answer.get_data(as_text=True)
    assert "This product is not available." in text
    assert "<a " not in text


@pytest.mark.parametrize("path", ["/f/no-such", "/no-such", "/f/", "/cards/", "/go/x"])
def test_an_unknown_address_is_a_404_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "To the catalog" in answer.get_data(as_text=True) or path == "/cards/"


def test_what_is_typed_is_never_markup(client: FlaskClient) -> None:
    text = client.get("/", query_string={"q": '"><script>alert(1)</script>'}).get_data(as_text=True)
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("query", ["x" * 101, "a\x07b"])
def test_a_search_that_cannot_be_is_a_422_page(client: FlaskClient, query: str) -> None:
    answer = client.get("/", query_string={"q": query})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")


def test_the_page_says_every_public_caution_with_its_sources(client: FlaskClient) -> None:
    body = client.get("/api/v1/formulas/du-huo-ji-sheng-tang").json
    page = client.get("/f/du-huo-ji-sheng-tang").get_data(as_text=True)
    assert body is not None
    for caution in body["cautions"]:
        assert caution["text"].replace("'", "&#39;") in page
    cited = {int(number) for number in re.findall(r'href="#source-(\d+)"', page)}
    listed = {int(number) for number in re.findall(r'id="source-(\d+)"', page)}
    assert cited == listed != set()


@pytest.mark.parametrize("slug", SLUGS)
def test_previews_of_a_shared_page_name_no_condition(app: Flask, slug: str) -> None:
    for path in (f"/f/{slug}", f"/{'-'.join(slug.split('-')[:2])}"):
        head = app.test_client().get(path).get_data(as_text=True).partition("<style>")[0]
        assert "og:description" in head
        assert conditions_named(head, slug) == []


def add_cautions(document: dict[str, Any], *, grade: str) -> None:
    """Five more cautions of this grade."""
    (like,) = (caution for caution in document["cautions"] if caution["key"] == "c_wounds")
    document["cautions"] += [
        {**like, "key": f"new_{number}", "subjects": [f"population:new-{number}"], "grade": grade,
         "patient_text": f"Not for number {number}."}
        for number in range(5)
    ]  # fmt: skip


def test_a_skin_warning_that_graver_cautions_push_off_the_card_stands_in_a_line_of_its_own(app: Flask) -> None:
    client = app.test_client()
    assert 'class="warnings"' not in client.get("/cards/zheng-gu-shui").text
    document = FormulaIn().dump(get_formula("zheng-gu-shui"))
    add_cautions(document, grade="contraindicated")
    publish(document)
    card = client.get("/cards/zheng-gu-shui").text
    assert "never by mouth" in card
    assert '<p class="warnings">Flammable: keep away from fire and heat.</p>' in card


def test_a_skin_warning_is_not_said_twice(app: Flask) -> None:
    document = FormulaIn().dump(get_formula("zheng-gu-shui"))
    add_cautions(document, grade="minor")
    publish(document)
    assert 'class="warnings"' not in app.test_client().get("/cards/zheng-gu-shui").text


@pytest.mark.parametrize("path", ["/f/zheng-gu-shui", "/zheng-gu"])
def test_a_campaign_neither_changes_a_page_nor_fills_memory(app: Flask, path: str) -> None:
    client, layer = app.test_client(), app.extensions["published_bytes"]
    plain = client.get(path)
    for query in ("utm_source=blog", "utm_medium=sms&utm_campaign=x", "utm%5Fsource=blog", "fbclid=1", "utm_x=1"):
        answer = client.get(f"{path}?{query}")
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, plain.data, plain.headers["ETag"])
    assert list(layer._entries) == [(path, "")]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_card_leads_to_our_page_with_the_cards_preset(client: FlaskClient, slug: str) -> None:
    card = client.get(f"/cards/{slug}").get_data(as_text=True)
    arguments = f"utm_source=card&amp;utm_medium=card&amp;utm_campaign={slug}"
    assert f'href="https://herbs.example.com/f/{slug}?{arguments}"' in card
    for link in re.findall(r'href="([^"]+)"', card):
        assert ("utm_" in link) == link.startswith("https://herbs.example.com/f/")


@pytest.mark.parametrize("path", ["/f/%00", "/cards/a%00b", "/go/%0A", "/api/v1/herbs/%00"])
def test_control_characters_in_an_address_are_a_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_line_of_the_catalog_and_of_the_answers_tells_the_review_state(client: FlaskClient) -> None:
    for path, lines in (("/", 3), ("/?q=licorice", 3)):
        assert client.get(path).get_data(as_text=True).count("Not yet reviewed by a licensed practitioner") == lines


def test_a_name_with_quotes_stays_one_attribute_when_the_embed_code_is_copied(app: Flask) -> None:
    document = FormulaIn().dump(get_formula("zheng-gu-shui"))
    name = next(name for name in document["names"] if name["script"] == "english" and name.get("preferred"))
    name["text"] = 'Bone" onload="alert(1)'
    publish(document)
    page = app.test_client().get("/f/zheng-gu-shui").get_data(as_text=True)
    field = html5lib.parse(page, namespaceHTMLElements=False).find(".//textarea")
    assert field is not None
    assert field.text is not None
    frame = html5lib.parseFragment(field.text, namespaceHTMLElements=False).find(".//iframe")
    assert "onload" not in frame.attrib
    assert 'Bone" onload' in frame.attrib["title"]


def test_the_home_page_shows_all_three_with_code_to_embed(client: FlaskClient) -> None:
    home = client.get("/").get_data(as_text=True)
    for slug in SLUGS:
        assert f'href="/f/{slug}"' in home
        assert f"https://herbs.example.com/cards/{slug}" in home


def test_a_search_on_the_home_page_works_as_a_plain_form(client: FlaskClient) -> None:
    home = client.get("/?q=duhuo").get_data(as_text=True)
    results = home.partition('id="results"')[2]
    assert "独活寄生汤" in results
    assert "<mark>" in results
