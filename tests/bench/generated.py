"""Generated formulas, for growth only: invented names on a real formula's rows. Never seeded, never served."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

from sqlalchemy import insert, update

from service.catalog.models import CatalogState, Publication
from service.extensions import db
from service.publishing import actions as publishing
from service.publishing.bodies import Surroundings, compose_formula

# fmt: off
HERBS = (
    ("柴胡", "Chái Hú"), ("桂枝", "Guì Zhī"), ("黄芩", "Huáng Qín"), ("黄连", "Huáng Lián"),
    ("白术", "Bái Zhú"), ("苍术", "Cāng Zhú"), ("陈皮", "Chén Pí"), ("半夏", "Bàn Xià"),
    ("当归", "Dāng Guī"), ("川芎", "Chuān Xiōng"), ("羌活", "Qiāng Huó"), ("独活", "Dú Huó"),
    ("防风", "Fáng Fēng"), ("荆芥", "Jīng Jiè"), ("薄荷", "Bò He"), ("连翘", "Lián Qiào"),
    ("麻黄", "Má Huáng"), ("杏仁", "Xìng Rén"), ("石膏", "Shí Gāo"), ("知母", "Zhī Mǔ"),
    ("葛根", "Gé Gēn"), ("升麻", "Shēng Má"), ("黄芪", "Huáng Qí"), ("人参", "Rén Shēn"),
    ("茯苓", "Fú Líng"), ("泽泻", "Zé Xiè"), ("山药", "Shān Yào"), ("地黄", "Dì Huáng"),
    ("枸杞", "Gǒu Qǐ"), ("菊花", "Jú Huā"), ("牛膝", "Niú Xī"), ("杜仲", "Dù Zhòng"),
    ("秦艽", "Qín Jiāo"), ("细辛", "Xì Xīn"), ("桃仁", "Táo Rén"), ("红花", "Hóng Huā"),
    ("丹参", "Dān Shēn"), ("枳实", "Zhǐ Shí"), ("厚朴", "Hòu Pò"), ("大黄", "Dà Huáng"),
    ("芒硝", "Máng Xiāo"), ("附子", "Fù Zǐ"), ("干姜", "Gān Jiāng"), ("吴萸", "Wú Yú"),
    ("香附", "Xiāng Fù"), ("木香", "Mù Xiāng"), ("乌药", "Wū Yào"), ("酸枣", "Suān Zǎo"),
)
# fmt: on
SHAPES = (("汤", "Tāng", "Decoction"), ("散", "Sǎn", "Powder"), ("丸", "Wán", "Pill"), ("膏", "Gāo", "Plaster"))
SHORTENED = ("doses", "notes")  # what only practitioners read, so that 10,000 rows stay small
ROWS_KEPT = 3
BATCH = 500
Document = dict[str, Any]


def generate_document(template: Mapping[str, Any], number: int) -> Document:
    """A formula with a name of its own on the template's rows."""
    rest, first = divmod(number, len(HERBS))
    shape, second = divmod(rest, len(HERBS))
    (hanzi, pinyin), (more_hanzi, more_pinyin) = HERBS[first], HERBS[(first + second + 1) % len(HERBS)]
    end_hanzi, end_pinyin, end_english = SHAPES[shape % len(SHAPES)]
    plain = normalize("NFD", "-".join(pinyin.lower().split())).encode("ascii", "ignore").decode()
    texts = (
        ("hans", f"{hanzi}{more_hanzi}{end_hanzi}", True),
        ("pinyin", f"{pinyin} {more_pinyin} {end_pinyin}", True),
        ("english", f"Generated {end_english} {number:05}", True),
        ("abbreviation", f"GEN{number}", False),
    )
    names = [
        {"text": text, "script": script, "confidence": "H"} | ({"preferred": True} if preferred else {})
        for script, text, preferred in texts
    ]
    # A short name leads to one formula alone.
    own = {key: value for key, value in template.items() if key != "short_name"}
    kept = {key: value[:ROWS_KEPT] if key in SHORTENED else value for key, value in own.items()}
    return {**kept, "slug": f"{plain}-generated-{number:05}", "names": names, "products": []}


def write_rows(template: Mapping[str, Any], numbers: range, around: Surroundings, version: int) -> int:
    """Publications straight into the table, bodies composed as publishing does; how many bytes they hold."""
    held = 0
    rows: list[Document] = []
    for row in _rows(template, numbers, around, version):
        held += sum(len(value.encode()) for value in row.values() if isinstance(value, str))
        rows.append(row)
        if len(rows) == BATCH:
            db.session.execute(insert(Publication), rows)
            rows = []
    if rows:
        db.session.execute(insert(Publication), rows)
    db.session.execute(update(CatalogState).values(version=version + len(numbers)))
    db.session.commit()
    return held


def _rows(template: Mapping[str, Any], numbers: range, around: Surroundings, version: int) -> Iterator[Document]:
    now = datetime.now(UTC).replace(microsecond=0)
    for place, number in enumerate(numbers, start=1):
        document = generate_document(template, number)
        stamp = {
            "status": "published",
            "revision": 1,
            "catalog_version": version + place,
            "published_at": now.isoformat().replace("+00:00", "Z"),
        }
        yield {
            "kind": "formula",
            "slug": document["slug"],
            "revision": 1,
            "status": "published",
            "is_current": True,
            "document": _json(document),
            "search": _json(publishing._search_of(document)),
            "offered": _json(publishing._offered_of(document, around)),
            **{name: _json({**body, **stamp}) for name, body in compose_formula(document, around).items()},
            "published_at": now,
            "published_by": "bench",
            "reason": "generated",
            "catalog_version": version + place,
        }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
