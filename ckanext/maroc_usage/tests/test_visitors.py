"""A visitor has a number for a day, and nothing leads back from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from pathlib import Path

import pytest

from ckanext.maroc_usage import visitors
from ckanext.maroc_usage.visitors import DayKeys, client_address, visitor

KEY, OTHER = b"k" * 32, b"o" * 32
PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC).timestamp()
DAY = 86400.0


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::8", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "", True),
        ("not:an:address", "not:an:address", True),
    ],
)
def test_a_household_is_one_visitor(first: str, second: str, same: bool):
    assert (visitor(KEY, first, "a") == visitor(KEY, second, "a")) is same


def test_another_browser_or_another_day_is_another_visitor():
    number = visitor(KEY, "203.0.113.7", "a")
    assert number != visitor(KEY, "203.0.113.7", "b")
    assert number != visitor(OTHER, "203.0.113.7", "a")


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        # Whoever is no proxy of ours may write what they like.
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        # What a visitor forged stands before what the proxy saw.
        ("10.0.0.1", "192.0.2.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "2001:db8::1, fd00::5", "2001:db8::1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_only_our_proxies_are_believed(remote: str, forwarded: str, address: str):
    assert client_address(remote, forwarded, PROXIES) == address


def test_without_proxies_the_connection_counts():
    assert client_address("10.0.0.1", "198.51.100.1", ()) == "10.0.0.1"


def test_processes_share_the_key_of_the_day_and_no_other(in_memory: Path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: DayKeys(in_memory).key(NOON), range(32)))
    assert len(keys) == 1
    (path,) = in_memory.glob("key-*")
    assert path.read_bytes() in keys
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in in_memory.iterdir()] == ["key-2026-11-22"]


def test_the_key_ends_with_the_day_of_morocco(in_memory: Path):
    keys = DayKeys(in_memory)
    # 22:59:59 in Greenwich is 23:59:59 in Casablanca.
    last = dt.datetime(2026, 11, 22, 22, 59, 59, tzinfo=dt.UTC).timestamp()
    assert keys.key(NOON) == keys.key(last)
    assert keys.key(last) != keys.key(last + 1)
    assert [path.name for path in in_memory.glob("key-*")] == ["key-2026-11-23"]


def test_a_key_is_forgotten_when_its_day_is_over(in_memory: Path):
    DayKeys(in_memory).key(NOON)
    visitors.forget(in_memory, dt.date(2026, 11, 23))
    assert list(in_memory.glob("key-*")) == []


def test_without_a_folder_each_process_draws_its_own():
    assert DayKeys(None).key(NOON) != DayKeys(None).key(NOON)
    keys = DayKeys(None)
    assert keys.key(NOON) == keys.key(NOON + 1)
    assert keys.key(NOON) != keys.key(NOON + DAY)


def test_a_folder_that_vanished_costs_no_answer(in_memory: Path):
    keys = DayKeys(in_memory / "gone")
    assert keys.key(NOON) == keys.key(NOON + 1)


def _readable_by_others(folder: Path) -> Path:
    folder.chmod(0o755)
    return folder


def _someone_s_link(folder: Path) -> Path:
    (folder / "link").symlink_to(folder)
    return folder / "link"


@pytest.mark.parametrize("spoil", [_readable_by_others, _someone_s_link])
def test_a_folder_open_to_others_will_not_do(
    in_memory: Path, spoil: Callable[[Path], Path]
):
    folder = in_memory / spoil.__name__
    folder.mkdir(0o700)
    assert visitors.key_folder(spoil(folder), Path("/spool")) is None


def test_a_folder_on_disk_will_not_do(tmp_path: Path):
    folder = tmp_path / "key"
    if visitors.in_memory(tmp_path):
        pytest.skip("the tests' own folder is in memory here")
    assert visitors.key_folder(folder, Path("/spool")) is None


def test_two_portals_of_one_machine_have_keys_of_their_own(in_memory: Path):
    folders = [
        visitors.key_folder(None, in_memory / spool) for spool in ("one", "other")
    ]
    try:
        assert None not in folders
        assert len(set(folders)) == 2
    finally:
        for folder in folders:
            if folder is not None:
                folder.rmdir()
