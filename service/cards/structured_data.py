"""What a formula's page says, once more for machines (schema.org, as JSON-LD): nothing that the page does not show."""

from typing import Any

from service.cards.presenter import FormulaView


def structured_data(view: FormulaView) -> dict[str, Any]:
    """A DietarySupplement for what is swallowed, a Drug for the liniment, which is one; no offer, price or rating.

    What it is for is left out: machines take a claim without the sentence that has to stand beside it. The cautions
    stand under the property that schema.org has for them on each type.
    """
    names = [name["text"] for _, rows in view.names for name in rows]
    shared = {
        "@context": "https://schema.org",
        "@type": "Drug" if view.is_topical else "DietarySupplement",
        "name": view.title.pinyin,
        "alternateName": [name for name in dict.fromkeys(names) if name != view.title.pinyin],
        "url": view.page_url,
    }
    cautions = [f"{caution.word}: {caution.text}" for caution in view.cautions]
    return {**shared, "warning" if view.is_topical else "safetyConsideration": cautions}
