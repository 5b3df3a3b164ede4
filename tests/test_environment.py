"""Empty variables say nothing, ~ is a home, and what is installed keeps its results where one works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from upath.implementations.memory import MemoryPath

import lth_lib
from lth_lib import environment
from lth_lib.data import cache
from lth_lib.results.store import HERE, Store, StoreError, committed
from lth_lib.spec import SpecError
from lth_lib.workshop import chapters

PLACES = ("LTH_RESULTS", "LTH_STORE", "LTH_CACHE", "LTH_DATA")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home, where nothing else is named."""
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def of_the_book() -> tuple[object, object]:
    return committed().results, committed().scratch


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_is_unset(empty: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unset = of_the_book(), cache.folder()
    assert unset == ((HERE / "book" / "results", HERE / ".store"), home / ".cache" / "lth_lib")
    for name in PLACES:
        monkeypatch.setenv(name, empty)
    assert (of_the_book(), cache.folder()) == unset
    assert environment.named("LTH_DATA") is None
    assert chapters._fresh().scratch.name.startswith("lth-"), "a new folder, and not the one in which one works"


def test_a_tilde_is_a_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PLACES:
        monkeypatch.setenv(name, "~/there")
    there = home / "there"
    assert of_the_book() == (there, there)
    assert cache.folder() == there
    assert chapters._fresh().scratch == there
    assert Store("~/results", Path("~/store")).results == home / "results"
    assert Store("~/results", Path("~/store")).scratch == home / "store"


@pytest.mark.parametrize("name", PLACES)
def test_a_home_of_nobody_is_named(name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "~nobody-of-this-name/there")
    with pytest.raises(
        SpecError, match="~nobody-of-this-name/there was given, but ~nobody-of-this-name is no home here"
    ):
        environment.named(name)


def test_a_user_without_a_home_is_told_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    assert environment.home() is None
    with pytest.raises(SpecError, match="~/there was given, but ~ is no home here"):
        Store("~/there", home)


SAYS = "import lth_lib.results.store as s; c = s.committed(); print(c.results, c.scratch, sep='\\n')"


def test_what_is_installed_stores_nothing_among_packages(home: Path) -> None:
    packages, work = home / "site-packages", home / "work"
    work.mkdir()
    shutil.copytree(
        Path(lth_lib.__file__).parent, packages / "lth_lib", ignore=shutil.ignore_patterns("__pycache__", "samples")
    )
    env = {**os.environ, "PYTHONPATH": str(packages)}
    ran = subprocess.run([sys.executable, "-c", SAYS], cwd=work, env=env, capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == [str(work / "book" / "results"), str(work / ".store")]
    assert f"results are kept in {work / 'book' / 'results'}" in ran.stderr
    assert "LTH_RESULTS and LTH_STORE name other places" in ran.stderr
    named = env | {"LTH_RESULTS": str(home / "r"), "LTH_STORE": str(home / "s")}
    ran = subprocess.run([sys.executable, "-c", SAYS], cwd=work, env=named, capture_output=True, text=True, check=True)
    assert (ran.stdout.splitlines(), ran.stderr) == ([str(home / "r"), str(home / "s")], "")


URLS = (
    "nosuch://b/r",
    "github://b/r",
    "data:,results",
    "data:",
    "github:",
    "gist://b",
    "arrow_hdfs://h/r",
    "ftp://no.such.host.invalid/r",
    "s3://b/r",
    "jlab://b/r",
)


@pytest.mark.filterwarnings("ignore:UPath")
@pytest.mark.parametrize("url", URLS)
def test_a_place_that_is_unknown_or_does_not_answer_is_named(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"{url} cannot hold a store: ") as refused:
        Store(url, tmp_path)
    assert "\n" not in str(refused.value)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: MemoryPath, content: bytes) -> None:
        raise NotImplementedError("this is\nread only")

    store = Store(f"memory://{tmp_path}", tmp_path)
    store.check_writable()
    assert not list(store.folders())
    monkeypatch.setattr(MemoryPath, "write_bytes", refused)
    with pytest.raises(
        StoreError, match=r"memory:.*runs cannot be written \(this is read only\), so nothing was begun"
    ):
        store.check_writable()


def test_a_file_where_a_place_belongs_is_named(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    for results, scratch in (("a file", "b"), ("b", "a file")):
        with pytest.raises(StoreError, match="a file is no folder, and results and weights are kept in folders"):
            Store(tmp_path / results, tmp_path / scratch)
    with pytest.raises(StoreError, match=f"^{tmp_path / 'a file'} is no folder"):
        Store(tmp_path / "a file" / "deeper" / "still", tmp_path)


def test_a_folder_may_have_a_colon_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("./data:", "seeds:3", str(tmp_path / "data:")):
        assert Store(name, "s").results == (tmp_path / name).absolute()
