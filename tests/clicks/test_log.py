import os
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.clicks.actions import tally
from service.clicks.agents import DEVICES
from service.clicks.log import (
    FIRST_BYTES,
    NEXT_BYTES,
    REFUSED_SECONDS,
    ClickLog,
    fault_of,
    file_name,
    hour_of,
    hour_text,
    line_of,
    read_line,
)
from service.clicks.visits import OUTCOMES
from service.referrals.policy import PLACEMENTS, Channel
from service.referrals.redirects import OTHER_PLACEMENT, Link
from tests.clicks.conftest import NOW

HOUR = hour_of(NOW)
LINK = Link("a-product", Channel.PUBLIC_WEB, "card")
placements = st.sampled_from(["", OTHER_PLACEMENT, *sorted(PLACEMENTS)])
slugs = st.from_regex(r"\A[a-z0-9]+(-[a-z0-9]+)*\Z").filter(lambda text: len(text) <= 80)


def test_an_hour_is_told_in_utc() -> None:
    assert (hour_text(HOUR), file_name(HOUR, "w", 3)) == ("2026-11-24T06", "clicks-2026-11-24T06-w-0003.rows")


@given(
    slug=slugs,
    channel=st.sampled_from(Channel),
    placement=placements,
    device=st.sampled_from(DEVICES),
    outcome=st.sampled_from(OUTCOMES),
    hour=st.integers(400_000, 700_000),
)
def test_every_line_reads_back_as_what_was_written(
    slug: str, channel: Channel, placement: str, device: str, outcome: str, hour: int
) -> None:
    click = read_line(line_of(hour_text(hour), Link(slug, channel, placement), device, outcome))
    assert click is not None
    assert (click.product, click.channel, click.placement) == (slug, channel, placement)
    assert (click.device, click.outcome) == (device, outcome)
    assert f"{click.day}T{click.hour:02}" == hour_text(hour)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "2026-11-24T24 a public_web - phone counted",
        "2026-02-30T01 a public_web - phone counted",
        "2026-11-24T06 a b public_web - phone counted",
        "2026-11-24T06 a street - phone counted",
        "2026-11-24T06 a public_web - phone coun",
        f"2026-11-24T06 {'a' * 81} public_web - phone counted",
    ],
)
def test_a_line_that_tells_no_click_is_none(line: str) -> None:
    assert read_line(line) is None


def test_each_hour_has_a_file_and_each_click_a_line(tmp_path: Path) -> None:
    log = ClickLog(tmp_path / "new" / "folder")
    log.append(LINK, "phone", "counted", hour=HOUR)
    log.append(LINK, "phone", "repeat", hour=HOUR)
    log.append(LINK, "phone", "counted", hour=HOUR + 1)
    log.close()
    files = sorted((tmp_path / "new" / "folder").iterdir())
    assert [path.name[:20] for path in files] == ["clicks-2026-11-24T06", "clicks-2026-11-24T07"]
    lines = files[0].read_text().rstrip("\0").splitlines()
    assert lines == [f"2026-11-24T06 a-product public_web card phone {outcome}" for outcome in ("counted", "repeat")]


def test_a_busy_hour_goes_on_in_another_file(tmp_path: Path) -> None:
    log = ClickLog(tmp_path)
    for _ in range(3000):
        log.append(LINK, "phone", "counted", hour=HOUR)
    log.close()
    first, second = sorted(tmp_path.iterdir())
    assert (first.stat().st_size, second.stat().st_size) == (FIRST_BYTES, NEXT_BYTES)
    clicks, malformed = tally(b"".join(path.read_bytes().rstrip(b"\0") for path in (first, second)))
    assert (clicks.total(), malformed) == (3000, 0)


def test_two_logs_of_a_folder_have_files_of_their_own(tmp_path: Path) -> None:
    logs = [ClickLog(tmp_path) for _ in range(2)]
    for log in logs:
        log.append(LINK, "phone", "counted", hour=HOUR)
    assert len(list(tmp_path.iterdir())) == 2
    for log in logs:
        log.close()


def test_a_full_disk_is_an_error_once_a_second_and_leaves_no_file(tmp_path: Path) -> None:
    now = 0.0
    log = ClickLog(tmp_path, clock=lambda: now)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FIRST_BYTES // 2, hard))
    try:
        with pytest.raises(OSError, match="No space left on device"):
            log.append(LINK, "phone", "counted", hour=HOUR)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError, match="a moment ago"):
        log.append(LINK, "phone", "counted", hour=HOUR)
    now = REFUSED_SECONDS
    log.append(LINK, "phone", "counted", hour=HOUR)
    log.close()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "new") is None
    assert os.listdir(tmp_path / "new") == []  # noqa: PTH208 - what is there, in one word
    (tmp_path / "file").write_text("")
    assert "CLICKS_DIR: clicks cannot be written to" in (fault_of(tmp_path / "file" / "clicks") or "")
