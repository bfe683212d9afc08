import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from service.catalog.actions import save_formula
from service.catalog.models import Publication
from service.catalog.queries import find_current, get_formula
from service.catalog.schemas import FormulaIn
from service.catalog.statements import Combination
from service.catalog.version import watch
from service.extensions import db, transaction
from service.publishing.actions import publish_formula, read_surroundings, withdraw_formula
from service.referrals.queries import current_book
from service.seeding.actions import SeedReport, is_seeded_from, seed_catalog
from service.seeding.files import SeedError
from tests.conftest import PUBLIC_URL, SEED

ZHENG_GU = "zheng-gu-shui"


def plant(folder: Path = SEED) -> SeedReport:
    with transaction():
        return seed_catalog(folder, public_url=PUBLIC_URL, tell=lambda _: None)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Make a copy of the seed in which one text of one file is another."""

    def change(name: str, find: str, replace: str) -> Path:
        folder = tmp_path / "seed"
        if not folder.exists():
            shutil.copytree(SEED, folder)
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert find in text
        path.write_text(text.replace(find, replace, 1), encoding="utf-8")
        return folder

    return change


def test_seeding_again_changes_nothing(app: Flask) -> None:
    before, version = db.session.scalar(select(func.count()).select_from(Publication)), watch()()
    report = plant()
    assert {outcome for outcomes in report.counts.values() for outcome in outcomes} == {"unchanged"}
    assert db.session.scalar(select(func.count()).select_from(Publication)) == before
    assert watch()() == version


def test_a_changed_file_makes_one_new_revision(app: Flask, changed: Callable[[str, str, str], Path]) -> None:
    folder = changed(f"formulas/{ZHENG_GU}.yaml", "category: traumatology liniment", "category: liniment")
    report = plant(folder)
    assert report.counts["formulas"] == {"unchanged": 2, "changed": 1}
    current = find_current("formula", ZHENG_GU)
    assert current is not None
    assert current.revision == 2


def test_what_was_edited_here_is_kept(app: Flask, changed: Callable[[str, str, str], Path]) -> None:
    document = FormulaIn().dump(get_formula(ZHENG_GU))
    document["category"] = "edited here"
    with transaction():
        save_formula(FormulaIn().load(document))
        publish_formula(ZHENG_GU, by="an editor", reason="x", around=read_surroundings(), book=current_book())
    report = plant(changed(f"formulas/{ZHENG_GU}.yaml", "category: traumatology liniment", "category: liniment"))
    assert report.counts["formulas"] == {"unchanged": 2, "kept as edited here": 1}
    assert get_formula(ZHENG_GU).category == "edited here"


def test_a_formula_only_taken_back_and_published_again_still_follows_its_file(
    app: Flask, changed: Callable[[str, str, str], Path]
) -> None:
    with transaction():
        withdraw_formula(ZHENG_GU, by="command line", reason="x")
        publish_formula(ZHENG_GU, by="command line", reason="x", around=read_surroundings(), book=current_book())
    plant(changed(f"formulas/{ZHENG_GU}.yaml", "category: traumatology liniment", "category: liniment"))
    assert get_formula(ZHENG_GU).category == "liniment"


def test_a_formula_whose_file_is_gone_stays_and_is_named(app: Flask, changed: Callable[[str, str, str], Path]) -> None:
    folder = changed("practice.yaml", "percent_max: 15", "percent_max: 14")
    (folder / "formulas" / f"{ZHENG_GU}.yaml").unlink()
    assert plant(folder).absent == [ZHENG_GU]
    current = find_current("formula", ZHENG_GU)
    assert current is not None
    assert current.status == "published"


def test_a_formula_without_a_file_that_loses_a_warning_stops_the_seed_and_is_named(
    app: Flask, changed: Callable[[str, str, str], Path]
) -> None:
    text = (SEED / "formulas" / f"{ZHENG_GU}.yaml").read_text(encoding="utf-8")
    start = text.index("  - key: c_flammable")
    caution = text[start : text.index("  - key: c_menthol_burn")]
    herb = (SEED / "herbs" / "zhang-nao.yaml").read_text(encoding="utf-8")
    assert "cautions:" not in herb
    changed(f"formulas/{ZHENG_GU}.yaml", caution, "")
    folder = changed("herbs/zhang-nao.yaml", herb, f"{herb}cautions:\n{caution}")
    plant(folder)
    (folder / "formulas" / f"{ZHENG_GU}.yaml").unlink()
    changed("herbs/zhang-nao.yaml", f"cautions:\n{caution}", "")
    with pytest.raises(SeedError, match=f"formula {ZHENG_GU} .*would lack a public caution that it is flammable"):
        plant(folder)
    current = find_current("formula", ZHENG_GU)
    assert current is not None
    assert "Flammable" in current.offered


def test_a_discount_taken_out_of_the_file_is_gone(app: Flask, changed: Callable[[str, str, str], Path]) -> None:
    text = (SEED / "practice.yaml").read_text(encoding="utf-8")
    plant(changed("practice.yaml", text[text.index("discounts:") :], ""))
    assert current_book().programs["fullscript"].discounts == ()


def test_evidence_and_combinations_taken_out_are_gone(app: Flask, changed: Callable[[str, str, str], Path]) -> None:
    plant(changed("combinations.yaml", "key: dhjst_sygct", "key: renamed"))
    assert set(db.session.scalars(select(Combination.key).where(Combination.key.in_(["dhjst_sygct", "renamed"])))) == {
        "renamed"
    }


def test_what_was_withdrawn_here_stays_withdrawn(app: Flask) -> None:
    with transaction():
        withdraw_formula(ZHENG_GU, by="command line", reason="recalled")
    plant()
    current = find_current("formula", ZHENG_GU)
    assert current is not None
    assert current.status == "withdrawn"


def test_a_changed_source_reaches_the_bodies_that_cite_it(app: Flask, changed: Callable[[str, str, str], Path]) -> None:
    plant(changed("sources.yaml", "camphor seizures in toddlers", "camphor and seizures in toddlers"))
    current = find_current("formula", ZHENG_GU)
    assert current is not None
    assert "camphor and seizures in toddlers" in current.public


def test_a_changed_discount_reaches_the_next_read(app: Flask, changed: Callable[[str, str, str], Path]) -> None:
    version = watch()()
    plant(changed("practice.yaml", "percent_max: 15", "percent_max: 20"))
    assert watch()() > version
    assert current_book().programs["fullscript"].discounts[0].percent_max == 20


@pytest.mark.parametrize(
    ("name", "find", "replace", "says"),
    [
        ("formulas/zheng-gu-shui.yaml", "herb: e-zhu", "herb: e-zu", r"zheng-gu-shui.yaml, line \d+: .*no herb 'e-zu'"),
        ("herbs/gan-cao.yaml", "TJ68", "TJ99", r"gan-cao.yaml, line \d+: .*no source 'TJ99'"),
        ("herbs/gan-cao.yaml", "drug_class:cardiac-glycosides", "drug_class:cardiac", r"no drug_class 'cardiac'"),
        ("formulas/zheng-gu-shui.yaml", "program: amazon", "program: amazone", r"no program 'amazone'"),
        (
            "formulas/zheng-gu-shui.yaml",
            "    regulatory_class: otc_drug\n",
            "    regulatory_class: otc_drug\n    substitutes: [{program: nobody, destination: {url: x}}]\n",
            r"line \d+: products\[0\].substitutes\[0\].program: there is no program 'nobody'",
        ),
        ("practice.yaml", "tag: example-20", "tag: example", r"settings.tag: Write a tag like practice-20"),
        ("practice.yaml", "example-dispensary", "https://us.fullscript.com/welcome/x", r"Write a dispensary like"),
        ("practice.yaml", "percent_max: 15", "percent_max: 36", r"discounts\[0\].percent_max: Fullscript allows"),
        (
            "formulas/zheng-gu-shui.yaml",
            "slug: zheng-gu-shui-ultra",
            "slug: du-huo-ji-sheng-tang-fullscript",
            r"has a product by this slug already",
        ),
        ("practice.yaml", "  amazon:", "  amazone:", r"no account for amazon"),
        ("practice.yaml", "percent_min: 10", "percent_min: 40", r"practice.yaml, line \d+: discounts\[0\].percent_min"),
        ("programs/amazon.yaml", "https://www.amazon.com/s", "http://www.amazon.com/s", r"templates.search"),
        ("herbs/gan-cao.yaml", "slug: gan-cao", "slug: gan-cao-x", r"the file is named gan-cao"),
        ("herbs/e-zhu.yaml", "text: 莪术", "text: 甘草", r"gan-cao has this name already|e-zhu has this name already"),
    ],
)
def test_a_fault_stops_everything_and_is_named(
    app: Flask, changed: Callable[[str, str, str], Path], name: str, find: str, replace: str, says: str
) -> None:
    folder = changed("formulas/du-huo-ji-sheng-tang.yaml", "route: oral", "route: external")
    changed(name, find, replace)
    with pytest.raises(SeedError, match=says):
        plant(folder)
    assert get_formula("du-huo-ji-sheng-tang").route == "oral"


def test_a_formula_that_cannot_be_published_stops_the_seed(
    app: Flask, changed: Callable[[str, str, str], Path]
) -> None:
    folder = changed("programs/amazon.yaml", "  search: https://www.amazon.com/s{?k,tag}\n", "")
    with pytest.raises(SeedError, match=r"zheng-gu-shui\.yaml: cannot be published, it lacks a link for product"):
        plant(folder)


def test_a_missing_folder_is_said(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="no such folder"):
        plant(tmp_path / "nothing")


def test_the_seed_is_known_by_its_files(app: Flask, changed: Callable[[str, str, str], Path]) -> None:
    assert is_seeded_from(SEED)
    assert not is_seeded_from(changed("practice.yaml", "percent_max: 15", "percent_max: 14"))


def test_progress_is_told(app: Flask) -> None:
    told: list[str] = []
    with transaction():
        seed_catalog(SEED, public_url=PUBLIC_URL, tell=told.append)
    assert "herbs: 26 of 26" in told
    assert "publishing formulas: 3 of 3" in told


def test_rows_without_a_source_are_reported_as_withheld(app: Flask) -> None:
    withheld = plant().withheld
    assert any("a local red-flag guideline has to be cited" in line for line in withheld)
