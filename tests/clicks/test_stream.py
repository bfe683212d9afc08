"""Clicks by way of a real Redis: whatever becomes of it, each is counted once."""

import time
from pathlib import Path
from typing import Any

import pytest
import redis

from service.clicks.folding import POSITION_HOURS, list_files
from service.clicks.log import ClickLog, hour_of
from service.clicks.stream import ClickStream
from service.operations.jobs import clear
from tests.clicks.conftest import NOW, Site
from tests.clicks.test_folding import HOUR, LINK, write


def send(stream: ClickStream, folder: Path) -> int:
    return stream.send_folder(folder, now=NOW)


def test_what_hosts_send_is_folded_once_and_taken_off(site: Site, stream: ClickStream, tmp_path: Path) -> None:
    write(site.folder, 3)
    write(tmp_path / "another", 2)
    assert (send(stream, site.folder), send(stream, tmp_path / "another")) == (1, 1)
    assert send(stream, site.folder) == 0
    assert stream.fold() == 5
    assert stream.fold() == 0
    assert stream._waiting() == 0
    assert list(site.counts().values()) == [5]


def test_sending_goes_on_where_it_ended(site: Site, stream: ClickStream) -> None:
    for _ in range(3):
        write(site.folder, 2)
        write(site.folder, 1, hour=HOUR + 1)
        send(stream, site.folder)
    assert stream.fold() == 9
    assert site.counts() == site.logged()


@pytest.mark.parametrize("folded_before", [False, True])
def test_a_redis_that_forgets_everything_loses_and_doubles_nothing(
    site: Site, stream: ClickStream, folded_before: bool
) -> None:
    write(site.folder, 3)
    send(stream, site.folder)
    if folded_before:
        stream.fold()
        write(site.folder, 2)
        send(stream, site.folder)
    stream._client.delete(stream._pieces, stream._sent)
    write(site.folder, 1)
    send(stream, site.folder)
    stream.fold()
    assert site.counts() == site.logged()


def test_a_redis_that_loses_the_stream_alone_is_sent_it_again(site: Site, stream: ClickStream) -> None:
    write(site.folder, 3)
    send(stream, site.folder)
    stream._client.delete(stream._pieces)
    assert send(stream, site.folder) == 1
    assert stream.fold() == 3


def test_a_hole_in_the_stream_is_sent_again(site: Site, stream: ClickStream) -> None:
    log = ClickLog(site.folder)
    for number in range(6):
        log.append(LINK, "phone", "counted", hour=HOUR)
        if number % 2:
            send(stream, site.folder)
    log.close()
    redis_itself: Any = stream._client
    (second, _) = redis_itself.xrange(stream._pieces)[1]
    redis_itself.xdel(stream._pieces, second)
    assert stream.fold() == 2
    send(stream, site.folder)
    assert stream.fold() == 4
    assert site.counts() == site.logged()


def test_a_hole_heals_while_another_host_keeps_the_road_busy(site: Site, stream: ClickStream, tmp_path: Path) -> None:
    log = ClickLog(site.folder)
    for _ in range(3):
        log.append(LINK, "phone", "counted", hour=HOUR)
        send(stream, site.folder)
    log.close()
    redis_itself: Any = stream._client
    redis_itself.xdel(stream._pieces, redis_itself.xrange(stream._pieces)[1][0])
    assert stream.fold() == 1
    write(tmp_path / "another", 5)
    send(stream, tmp_path / "another")
    assert send(stream, site.folder) == 1
    assert stream.fold() == 7
    assert site.counts().total() == 8


def test_an_entry_that_comes_twice_is_counted_once(site: Site, stream: ClickStream) -> None:
    write(site.folder, 3)
    send(stream, site.folder)
    redis_itself: Any = stream._client
    ((_, fields),) = redis_itself.xrange(stream._pieces)
    redis_itself.xadd(stream._pieces, fields)
    assert stream.fold() == 3
    redis_itself.xadd(stream._pieces, fields)
    assert stream.fold() == 0


def test_lines_wait_in_the_log_while_nobody_folds(
    site: Site, stream: ClickStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.clicks.stream.MOST_WAITING", 2)
    monkeypatch.setattr("service.clicks.folding.PIECE_BYTES", 200)
    write(site.folder, 30)
    assert send(stream, site.folder) == 2
    assert send(stream, site.folder) == 0
    while send(stream, site.folder) or stream.fold():
        pass
    assert site.counts() == site.logged()


def test_a_redis_that_does_not_answer_leaves_the_lines_in_the_log(site: Site, stream: ClickStream) -> None:
    write(site.folder, 2)
    with pytest.raises(redis.RedisError):
        ClickStream.at("redis://127.0.0.1:1/0").send_folder(site.folder, now=NOW)
    assert site.logged().total() == 2
    send(stream, site.folder)
    assert stream.fold() == 2


def test_an_entry_that_could_not_be_taken_off_is_counted_once_although_its_file_is_deleted(
    site: Site, stream: ClickStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise redis.ConnectionError

    write(site.folder, 3, hour=hour_of(time.time()) - 5)
    send(stream, site.folder)
    with monkeypatch.context() as broken, pytest.raises(redis.ConnectionError):
        broken.setattr(stream._client, "xdel", refuse)
        stream.fold()
    clear(site.folder, stream)
    assert list_files(site.folder) == []
    assert stream.fold() == 0
    assert site.counts().total() == 3


def test_what_is_noted_of_a_file_goes_with_its_position(site: Site, stream: ClickStream) -> None:
    write(site.folder, 3, hour=hour_of(time.time()) - POSITION_HOURS - 1)
    send(stream, site.folder)
    stream.fold()
    clear(site.folder, stream)
    assert stream._client.hlen(stream._sent) == 0
