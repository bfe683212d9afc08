import json

import pytest
from flask import Flask

from service.catalog.queries import get_published_formula
from service.sharing.names import names_to_tell
from tests.sharing.published import published


@pytest.mark.parametrize(
    ("slug", "pinyin", "english"),
    [
        ("du-huo-ji-sheng-tang", "Dú Huó Jì Shēng Tāng", "Pubescent Angelica and Mistletoe Decoction"),
        ("shao-yao-gan-cao-tang", "Sháo Yào Gān Cǎo Tāng", "Peony and Licorice Decoction"),
        # All its English names say what it does to a bone.
        ("zheng-gu-shui", "Zhèng Gǔ Shuǐ", None),
    ],
)
def test_the_seeds_names_are_told_without_what_they_act_on(
    app: Flask, slug: str, pinyin: str, english: str | None
) -> None:
    told = names_to_tell(json.loads(get_published_formula(slug).public))
    assert (told.pinyin, told.english) == (pinyin, english)


@pytest.mark.parametrize(
    "name", ["Calm the Cough Decoction", "Licorice Pain Pill", "bone-setting liniment", "Licorice for Arthritis", "?!"]
)
def test_an_english_name_with_any_other_word_is_not_told(name: str) -> None:
    assert names_to_tell(json.loads(published("template", title={"english": name}).public)).english is None


def test_the_first_english_name_that_may_be_told_is_taken() -> None:
    formula = published("template", title={"english": "Stop Cramps"}, names=["Stop Cramps", "Licorice Tea", "Licorice"])
    assert names_to_tell(json.loads(formula.public)).english == "Licorice Tea"
