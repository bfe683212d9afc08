import re

import pytest
from flask.testing import FlaskClient

PAGE = "https://herbs.example.com/f/zheng-gu-shui"


def test_a_page_gives_its_card_as_a_closed_iframe(client: FlaskClient) -> None:
    body = client.get("/oembed", query_string={"url": PAGE}).json
    assert body is not None
    assert (body["version"], body["type"]) == ("1.0", "rich")
    assert re.fullmatch(r'<iframe src="https://herbs\.example\.com/cards/zheng-gu-shui"[^<>]*></iframe>', body["html"])
    assert body["width"] <= 640


@pytest.mark.parametrize(("maxwidth", "maxheight"), [(300, 200), (320, 4000), (4000, 100)])
def test_the_frame_is_never_larger_than_asked(client: FlaskClient, maxwidth: int, maxheight: int) -> None:
    query = {"url": PAGE, "maxwidth": maxwidth, "maxheight": maxheight}
    body = client.get("/oembed", query_string=query).json
    assert body is not None
    assert body["width"] <= maxwidth
    assert body["height"] <= maxheight


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"url": "https://herbs.example.com/f/no-such"}, 404),
        ({"url": "https://elsewhere.example.com/f/zheng-gu-shui"}, 404),
        ({"url": "https://herbs.example.com/"}, 404),
        ({"url": PAGE, "format": "xml"}, 501),
        ({}, 422),
        ({"url": PAGE, "maxwidth": "wide"}, 422),
    ],
)
def test_what_cannot_be_embedded_has_the_status_of_the_specification(
    client: FlaskClient, query: dict[str, str], status: int
) -> None:
    answer = client.get("/oembed", query_string=query)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_parameters_that_consumers_add_are_ignored(client: FlaskClient) -> None:
    assert client.get("/oembed", query_string={"url": PAGE, "dnt": "1"}).status_code == 200


def test_a_page_is_discovered_by_its_head_and_by_its_header(client: FlaskClient) -> None:
    answer = client.get("/f/zheng-gu-shui")
    link = answer.headers["Link"]
    assert 'type="application/json+oembed"' in link
    assert "application/json+oembed" in answer.get_data(as_text=True)
    path = link.partition("<https://herbs.example.com")[2].partition(">")[0]
    assert client.get(path).status_code == 200
