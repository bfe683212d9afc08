"""A copy of the seed in which another program sells a formula."""

import shutil
from pathlib import Path

from service.extensions import transaction
from service.seeding.actions import seed_catalog
from tests.conftest import PUBLIC_URL, SEED

DU_HUO = "du-huo-ji-sheng-tang"
_SOLD_NOW = "    program: fullscript\n    destination:\n      template: welcome\n"


def sold_through(program: str, template: str, folder: Path) -> Path:
    """The seed, with Du Huo Ji Sheng Tang sold by this program's template, which is given a path."""
    shutil.copytree(SEED, folder)
    file = folder / "formulas" / f"{DU_HUO}.yaml"
    text = file.read_text(encoding="utf-8")
    assert _SOLD_NOW in text
    sold = f"    program: {program}\n    destination:\n      template: {template}\n      variables: {{path: du-huo}}\n"
    file.write_text(text.replace(_SOLD_NOW, sold), encoding="utf-8")
    return folder


def plant(folder: Path = SEED) -> None:
    with transaction():
        seed_catalog(folder, public_url=PUBLIC_URL, tell=lambda _: None)
