"""Two tabs on one form: neither undoes the other."""

import pytest

from service.referrals.queries import get_discount, get_program
from tests.conftest import SignInAs
from tests.console.sent import form_of, send

PAGES: dict[str, dict[str, str | None]] = {
    "/console/programs/amazon": {"enabled": None},
    "/console/discounts/fullscript-patients": {"percent_max": "14"},
    "/console/products/zheng-gu-shui-regular": {"ways/0/needs": "Zheng Gu Shui"},
}


@pytest.mark.parametrize("page", PAGES)
def test_a_tab_opened_before_another_change_undoes_nothing(sign_in_as: SignInAs, page: str) -> None:
    owner = sign_in_as("owner")
    stale = form_of(owner.get(page))
    assert send(owner, page, PAGES[page]).status_code == 303
    changed = form_of(owner.get(page))
    answer = owner.post(page, data=stale)
    assert answer.status_code == 422
    assert "Ana changed this after you opened it. Open it again" in answer.text
    assert form_of(owner.get(page)) == changed
    assert send(owner, page, {}).status_code == 303


def test_what_a_stale_tab_would_have_switched_on_again_stays_off(sign_in_as: SignInAs) -> None:
    owner = sign_in_as("owner")
    stale = form_of(owner.get("/console/programs/amazon"))
    assert send(owner, "/console/programs/amazon", {"enabled": None}).status_code == 303
    assert owner.post("/console/programs/amazon", data={**stale, "disclosure": "I like it."}).status_code == 422
    assert get_program("amazon").enabled is False
    assert get_discount("fullscript-patients").edited_by is None
