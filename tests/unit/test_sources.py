"""The folder source: plain files and nothing else, and remote names that never become a path of ours."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from shops import OpenShop, Shop
from storeday.model.store_day import State
from storeday.sources.base import RemoteFile, SourceRefused, SourceUnreachable, fetch
from storeday.sources.folder import Folder
from storeday.sources.sftp import Sftp
from storeday.stages.collect import collect
from tills import Till, as_json, marker_name, sale, z

UNSAFE = {
    "a path upwards": "../S01_20261122T0900.csv",
    "a path downwards": "old/S01_20261122T0900.csv",
    "an absolute path": "/S01_20261122T0900.csv",
    "a path of Windows": "..\\S01_20261122T0900.csv",
    "a drive": "C:S01_20261122T0900.csv",
    "the folder itself": ".",
    "the folder above": "..",
    "nothing": "",
    "a hidden file": ".S01_20261122T0900.csv",
    "a NUL": "S01_20261122T0900.csv\0.ok",
    "a line feed at the end": "S01_20261122T0900.csv\n",
    "a line feed within": "S01_20261122T0900.csv\nS02: all staged",
    "an escape sequence": "\x1b[2JS01_20261122T0900.csv",
    "a blank": "S01 20261122T0900.csv",
    "text that runs backwards": "S01_\u202evsc.csv",
    "letters that look alike": "Ѕ01_20261122T0900.csv",
    "an option": "-rf",
    "200 letters too many": "S" * 401,
}
ON_A_DISK = [name for name in UNSAFE.values() if not {"/", "\0"} & set(name) and name not in {"", ".", ".."}]


def names(path: Path) -> set[str]:
    with Folder(str(path)).open() as source:
        return {file.name for file in source.listing()}


@pytest.mark.parametrize("name", UNSAFE.values(), ids=UNSAFE)
def test_a_name_that_is_not_plain_is_not_safe(name: str) -> None:
    assert not RemoteFile(name, 0, 0).has_safe_name


@pytest.mark.parametrize("name", ["S01_20261122T0900.csv", "POSLog.xml", "a", "9.ok", "x..y"])
def test_a_plain_name_is_safe(name: str) -> None:
    assert RemoteFile(name, 0, 0).has_safe_name


def test_a_listing_has_the_plain_files_with_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "S01_20261122T0900.csv").write_bytes(b"12345")
    os.utime(tmp_path / "S01_20261122T0900.csv", (7, 1_795_000_001.9))

    with Folder(str(tmp_path)).open() as source:
        listed = list(source.listing())

    assert listed == [RemoteFile("S01_20261122T0900.csv", 5, 1_795_000_001)]


def test_folders_links_and_pipes_are_not_listed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not ours")
    home = tmp_path / "home"
    (home / "folder.csv").mkdir(parents=True)
    (home / "link.csv").symlink_to(secret)
    (home / "dangling.csv").symlink_to(tmp_path / "gone")
    (home / "linked_folder.csv").symlink_to(tmp_path)
    os.mkfifo(home / "pipe.csv")
    (home / "plain.csv").write_text("ours")

    assert names(home) == {"plain.csv"}


@pytest.mark.parametrize(
    "name",
    ["../secret", "folder/inner.csv", "link.csv", "folder", "gone.csv", ".", "..", "", "plain.csv\0", "./plain.csv"],
)
def test_only_a_listed_file_can_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("not ours")
    home = tmp_path / "home"
    (home / "folder").mkdir(parents=True)
    (home / "folder" / "inner.csv").write_text("not ours")
    (home / "link.csv").symlink_to(tmp_path / "secret")
    (home / "plain.csv").write_text("ours")

    with Folder(str(home)).open() as source:
        assert fetch(source, RemoteFile("plain.csv", 0, 0)).whole() == b"ours"
        with pytest.raises(FileNotFoundError):
            fetch(source, RemoteFile(name, 0, 0))


def test_files_in_folders_named_by_their_day_come_with_the_folder_where_the_settings_say_so(tmp_path: Path) -> None:
    for folder in ("20261120", "20261121", "archive", "2026112"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "sales.csv").write_text(folder)
    (tmp_path / "20261122").symlink_to(tmp_path / "archive")

    with Folder(str(tmp_path), dated_folders=True).open() as source:
        names = sorted(file.name for file in source.listing() if file.has_safe_name)
        content = fetch(source, RemoteFile("20261121/sales.csv", 0, 0)).whole()
        for name in ("20261122/sales.csv", "archive/sales.csv", "20261121/../archive/sales.csv", "20261121/gone.csv"):
            with pytest.raises(FileNotFoundError):
                fetch(source, RemoteFile(name, 0, 0))

    assert names == ["20261120/sales.csv", "20261121/sales.csv"]
    assert content == b"20261121"


def test_an_absolute_name_is_no_way_out(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("not ours")
    home = tmp_path / "home"
    home.mkdir()

    with Folder(str(home)).open() as source, pytest.raises(FileNotFoundError):
        fetch(source, RemoteFile(str(tmp_path / "secret"), 0, 0))


@pytest.mark.parametrize("path", ["gone", "file"])
def test_a_folder_that_is_not_there_may_be_there_in_a_minute(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("no folder")

    with (
        pytest.raises(SourceUnreachable, match=f"the folder {tmp_path}/{path} is not there; is the share mounted"),
        Folder(str(tmp_path / path)).open(),
    ):
        pass


def kept(shop: Shop) -> set[str]:
    """Every file below the installation's home but the ledger and Data Docs, by its path."""
    paths = {path.relative_to(shop.home).as_posix() for path in shop.home.rglob("*") if path.is_file()}
    return {path for path in paths if not path.startswith(("ledger", "data_docs", "locks"))}


def test_names_that_are_not_plain_never_become_a_path_of_ours(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    part = Till("S01").slice("09:00", sale("12.60"), z())
    marker = as_json(part.marker(part.content))
    for name in ON_A_DISK:
        for made, content in ((name[:250], part.content), (f"{name[:250].removesuffix('.csv')}.ok", marker)):
            (shop.sources / "S01" / made).write_bytes(content)
    (shop.sources / "S01" / part.name).symlink_to(shop.sources / "S01" / ON_A_DISK[0])
    (shop.sources / "S01" / marker_name(part.name)).write_bytes(marker)

    ran, said = shop.run()

    assert len(ON_A_DISK) > 8
    assert (ran.faults, ran.not_staged, shop.state("S01")) == (0, 1, State.EXPECTED)
    assert "S01: 0 new files with takings of 0.00\n" in said
    assert kept(shop) == set()


def test_a_store_whose_folder_is_gone_does_not_keep_the_others(open_shop: OpenShop) -> None:
    shop = open_shop("S01", "S02")
    (shop.sources / "S01").rmdir()
    shop.send(Till("S02").slice("09:00", sale("12.60"), z()))

    ran, said = shop.run()

    assert (ran.faults, ran.not_staged) == (1, 1)
    assert f"S01: FAULT the folder {shop.sources / 'S01'} is not there; is the share mounted?" in said
    assert (shop.state("S01"), shop.state("S02")) == (State.EXPECTED, State.DELIVERED)


@pytest.mark.parametrize("switch", ["no_host_key_check", "allow_host_key_change"])
def test_a_connection_that_switches_host_key_checking_off_is_refused(
    switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"conn_type": "sftp", "host": "127.0.0.1", "login": "s01", "extra": {switch: "true"}}
    monkeypatch.setenv("AIRFLOW_CONN_POS_OPEN", json.dumps(said))

    with pytest.raises(SourceRefused, match="switches host key checking off"), Sftp("pos_open", ".").open():
        pass


def test_a_store_without_its_airflow_connection_is_told_which_to_add(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_POS_NOBODY", raising=False)

    with pytest.raises(SourceRefused, match="no Airflow connection pos_nobody"), Sftp("pos_nobody", ".").open():
        pass


@pytest.mark.parametrize("changed", ["grew", "went"])
def test_a_file_that_changed_since_it_was_listed_is_left_for_the_next_visit(
    changed: str, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, till = open_shop("S01"), Till("S01")
    for hour in ("09:00", "10:00", "11:00"):
        shop.send(till.slice(hour, sale("12.60")))
    file = sorted((shop.sources / "S01").glob("*.csv"))[1]
    whole, listing = file.read_bytes(), Folder.listing

    def then_it_changes(folder: Folder) -> list[RemoteFile]:
        listed = list(listing(folder))
        if changed == "went":
            file.unlink()
        else:
            file.write_bytes(whole + whole)
        return listed

    monkeypatch.setattr(Folder, "listing", then_it_changes)
    meanwhile = collect(shop.work, "S01")
    monkeypatch.setattr(Folder, "listing", listing)
    file.write_bytes(whole)
    then = collect(shop.work, "S01")

    assert (len(meanwhile.accepted), len(meanwhile.rejected), meanwhile.uploading) == (2, 0, 1)
    assert ([fact.name for fact in then.accepted], then.seen_before) == ([file.name], 2)
