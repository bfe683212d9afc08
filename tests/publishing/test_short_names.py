"""A short name is issued for good when its formula is published."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from service.catalog.actions import save_formula
from service.catalog.errors import FormulaNotPublishable
from service.catalog.models import IssuedShortName
from service.catalog.queries import find_current, get_formula, get_formula_by_short_name
from service.catalog.schemas import FormulaIn
from service.extensions import db, transaction
from service.publishing.actions import publish_formula, read_surroundings, withdraw_formula
from service.referrals.queries import current_book


def publish(slug: str, **changes: Any) -> None:
    """Publish a copy of the liniment with these changes, under this slug."""
    document = {**FormulaIn().dump(get_formula("zheng-gu-shui")), "slug": slug, **changes}
    if slug != "zheng-gu-shui":
        document["products"] = []
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula(slug, by="x", reason="x", around=read_surroundings(), book=current_book())


def issued() -> dict[str, str]:
    return {row.short_name: row.formula for row in db.session.scalars(select(IssuedShortName))}


def test_the_seed_issues_the_three_short_names(app: Flask) -> None:
    assert issued() == {
        "du-huo": "du-huo-ji-sheng-tang",
        "shao-yao": "shao-yao-gan-cao-tang",
        "zheng-gu": "zheng-gu-shui",
    }


@pytest.mark.parametrize("name", ["api", "cards", "well-known", "sign-in", "a-p-i", "a-b"])
def test_a_name_kept_for_our_own_addresses_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(FormulaNotPublishable, match=f"another short_name: /{name} is kept for addresses of our own"):
        publish("zheng-gu-shui", short_name=name)


@pytest.mark.parametrize("name", ["du-huo", "duhuo", "d-uhuo"])
def test_a_name_that_sounds_like_another_formulas_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(FormulaNotPublishable, match="belongs to du-huo-ji-sheng-tang for good"):
        publish("zheng-gu-shui", short_name=name)
    db.session.expire_all()
    current = find_current("formula", "zheng-gu-shui")
    assert current is not None
    assert current.revision == 1


def test_a_name_stays_with_its_formula_after_it_was_changed_or_withdrawn(app: Flask) -> None:
    publish("zheng-gu-shui", short_name="liniment")
    with transaction():
        withdraw_formula("du-huo-ji-sheng-tang", by="x", reason="x")
    for name in ("zheng-gu", "liniment", "du-huo"):
        with pytest.raises(FormulaNotPublishable, match="for good"):
            publish("another-shui", short_name=name)
    assert issued()["zheng-gu"] == issued()["liniment"] == "zheng-gu-shui"


def test_a_formula_takes_an_earlier_name_of_its_own_up_again(app: Flask) -> None:
    publish("zheng-gu-shui", short_name="liniment")
    publish("zheng-gu-shui", short_name="zhenggu")
    found = get_formula_by_short_name("ZHENG-GU")
    assert (found.short_name, found.formula.slug) == ("zhenggu", "zheng-gu-shui")


def test_the_slug_of_another_formula_is_refused_and_the_own_is_not(app: Flask) -> None:
    with pytest.raises(FormulaNotPublishable, match="belongs to shao-yao-gan-cao-tang for good"):
        publish("zheng-gu-shui", short_name="shao-yao-gan-cao-tang")
    publish("zheng-gu-shui", short_name="zheng-gu-shui")
    assert get_formula_by_short_name("zheng-gu-shui").formula.slug == "zheng-gu-shui"


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_name_heard_as_another_formulas_slug_is_refused(app: Flask, is_withdrawn: bool) -> None:
    if is_withdrawn:
        with transaction():
            withdraw_formula("du-huo-ji-sheng-tang", by="x", reason="x")
    with pytest.raises(FormulaNotPublishable, match="belongs to du-huo-ji-sheng-tang for good"):
        publish("zheng-gu-shui", short_name="duhuojishengtang")
    with transaction():
        publish_formula("du-huo-ji-sheng-tang", by="x", reason="x", around=read_surroundings(), book=current_book())
    publish("zheng-gu-shui", short_name="zhenggushui")


def test_a_slug_that_reads_as_another_formulas_short_name_is_refused(app: Flask) -> None:
    with pytest.raises(FormulaNotPublishable, match="another slug: /du-huo leads to du-huo-ji-sheng-tang for good"):
        publish("duhuo", short_name="a-third-name")
