import pytest
from flask import Flask

from service.console.frame import NAVIGATION, NOTICES, done, here
from tests.conftest import SignInAs


def test_every_line_of_the_navigation_leads_to_a_page(sign_in_as: SignInAs) -> None:
    client = sign_in_as("owner")
    for place in NAVIGATION:
        answer = client.get(place.path)
        assert answer.status_code == 200, place.path
        assert f'<a href="{place.path}" aria-current="page">{place.label}</a>' in answer.text
        assert answer.text.count('aria-current="page"') == 1


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/console/", "/console/"),
        ("/console/account", "/console/account"),
        ("/console/account/more", "/console/account"),
        ("/console/accounts", ""),
        ("/console/sign-in", ""),
    ],
)
def test_a_page_belongs_to_the_line_it_stands_below(path: str, line: str) -> None:
    assert here(path) == line


def test_a_notice_is_told_by_its_code_alone(sign_in_as: SignInAs) -> None:
    client = sign_in_as()
    assert f"✓</span> {NOTICES['saved']}</p>" in client.get("/console/?done=saved").text
    for query in ("?done=You+have+won", "?done=", "?done=<b>x</b>", ""):
        assert 'class="notice"' not in client.get(f"/console/{query}").text


def test_a_code_without_a_sentence_is_a_mistake_of_ours(app: Flask) -> None:
    assert done("/console/", "saved").location == "/console/?done=saved"
    with pytest.raises(ValueError, match="no notice"):
        done("/console/", "surprise")
