import io
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from service.sharing.qr import DARK, LIGHT, QUIET_ZONE, SCALES, draw_png, draw_svg

SLUGS = {"du-huo-ji-sheng-tang": "du-huo", "shao-yao-gan-cao-tang": "shao-yao", "zheng-gu-shui": "zheng-gu"}
SVG = "{http://www.w3.org/2000/svg}"


def read(image: bytes) -> zxingcpp.Barcode:
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(image)))
    return found


@pytest.mark.parametrize("size", SCALES)
@pytest.mark.parametrize(("slug", "short_name"), SLUGS.items())
def test_a_printed_code_leads_to_our_page_by_its_short_name(
    client: FlaskClient, slug: str, short_name: str, size: str
) -> None:
    answer = client.get(f"/f/{slug}/qr.png?size={size}")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    found = read(answer.data)
    assert found.text == f"https://herbs.example.com/{short_name}?utm_medium=qr"
    assert found.ec_level == "M"
    target = found.text.removeprefix("https://herbs.example.com")
    assert client.get(target).data == client.get(f"/f/{slug}").data


@pytest.mark.parametrize("slug", SLUGS)
def test_the_quiet_zone_is_four_light_modules_on_each_side(client: FlaskClient, slug: str) -> None:
    image = Image.open(io.BytesIO(client.get(f"/f/{slug}/qr.png?size=small").data)).convert("L")
    border, side = QUIET_ZONE * SCALES["small"], image.width
    assert image.height == side
    dark = image.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert dark == (border, border, side - border, side - border)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_svg_draws_the_same_modules_dark_on_white_and_has_a_title(client: FlaskClient, slug: str) -> None:
    answer = client.get(f"/f/{slug}/qr.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    svg = ET.fromstring(answer.data)  # noqa: S314 - our own image
    title = svg.find(f"{SVG}title")
    assert title is not None
    assert title.text is not None
    assert title.text.startswith("QR code: the page of ")
    ground, modules = svg.findall(f"{SVG}path")
    assert (ground.get("fill"), modules.get("stroke")) == (LIGHT, DARK)
    assert "style" not in answer.text
    assert "class" not in answer.text
    # One pixel to a module, drawn by the same hand.
    image = Image.open(io.BytesIO(client.get(f"/f/{slug}/qr.png?size=small").data))
    assert svg.get("viewBox") == f"0 0 {image.width // SCALES['small']} {image.height // SCALES['small']}"


@pytest.mark.parametrize("query", ["size=huge", "size=", "scale=4", "size=small&x=1", "size=%3Cscript%3E"])
def test_an_option_of_the_png_that_is_not_known_is_422(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/f/zheng-gu-shui/qr.png?{query}")
    assert answer.status_code == 422
    assert "script>" not in answer.text.partition("<body>")[2]


def test_the_svg_takes_no_option(client: FlaskClient) -> None:
    assert client.get("/f/zheng-gu-shui/qr.svg?size=small").status_code == 422


@pytest.mark.parametrize("name", ["qr.svg", "qr.png"])
def test_a_code_of_no_formula_is_404(client: FlaskClient, name: str) -> None:
    assert client.get(f"/f/no-such/{name}").status_code == 404


def test_codes_are_images_our_policy_admits_and_carry_no_cookie(client: FlaskClient) -> None:
    policy = client.get("/f/zheng-gu-shui").headers["Content-Security-Policy"]
    assert "img-src 'self'" in policy
    for name in ("qr.svg", "qr.png"):
        headers = client.get(f"/f/zheng-gu-shui/{name}").headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in headers


@settings(max_examples=40, deadline=None)
@given(st.from_regex(r"\Ahttps://[a-z]{1,20}\.example\.com/[a-z0-9-]{1,80}\?utm_medium=qr\Z"), st.text(max_size=40))
def test_any_address_is_read_back_as_it_was_drawn(target: str, title: str) -> None:
    assert read(draw_png(target, size="small")).text == target
    printable = "".join(letter for letter in title if letter.isprintable())
    found = ET.fromstring(draw_svg(target, title=printable)).find(f"{SVG}title")  # noqa: S314 - our own image
    assert found is not None
    assert (found.text or "") == printable


def test_a_code_never_tells_a_vendor_or_a_discount(app: Flask) -> None:
    client = app.test_client()
    for slug in SLUGS:
        told = read(client.get(f"/f/{slug}/qr.png").data).text + client.get(f"/f/{slug}/qr.svg").text
        for word in ("amazon", "fullscript", "tag=", "/go/", "%"):
            assert word not in told
