"""The commit that is recorded is the library's own, and says if the library was changed since."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lth_lib.results.provenance import commit_of

AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")


def repository(folder: Path, name: str) -> str:
    """Make a repository that holds one file in a folder of a name; return its commit."""
    (folder / name).mkdir(parents=True)
    (folder / name / "a.py").write_text("a = 1\n")
    (folder / ".gitignore").write_text("*.pyc\n")
    for command in (("init", "-q"), ("add", "."), (*AUTHOR, "commit", "-q", "-m", name)):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    asked = subprocess.run(["git", "-C", str(folder), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


@pytest.fixture(autouse=True)
def _no_repository_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):  # which a hook of git's sets
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def library(tmp_path: Path) -> tuple[Path, str]:
    head = repository(tmp_path / "own", "lth_lib")
    return tmp_path / "own" / "lth_lib", head


def test_the_commit_of_a_library_as_it_was_committed(library: tuple[Path, str]) -> None:
    folder, head = library
    (folder / "a.pyc").touch()
    (folder.parent / "page.md").touch()
    assert commit_of(folder) == head, "what is no source of the library changes nothing"


def test_a_change_and_a_file_that_git_does_not_know_leave_a_mark(library: tuple[Path, str]) -> None:
    folder, head = library
    (folder / "extra.py").touch()
    assert commit_of(folder) == f"{head}+"
    (folder / "extra.py").unlink()
    (folder / "a.py").write_text("a = 2\n")
    assert commit_of(folder) == f"{head}+"
    subprocess.run(["git", "-C", str(folder), "add", "."], check=True)
    assert commit_of(folder) == f"{head}+", "also when it is staged"


def test_a_file_in_a_new_folder_leaves_a_mark_whatever_git_is_set_to(library: tuple[Path, str]) -> None:
    folder, head = library
    subprocess.run(["git", "-C", str(folder), "config", "status.showUntrackedFiles", "no"], check=True)
    (folder / "more").mkdir()
    (folder / "more" / "extra.py").touch()
    assert commit_of(folder) == f"{head}+"


def test_a_copy_within_another_repository_has_no_commit(library: tuple[Path, str], tmp_path: Path) -> None:
    repository(tmp_path / "theirs", "site-packages/lth_lib")
    assert commit_of(tmp_path / "theirs" / "site-packages" / "lth_lib") == "unknown"


def test_a_folder_without_a_repository_has_no_commit(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == "unknown"


def test_a_repository_that_variables_name_is_not_the_librarys(
    library: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, head = library
    repository(tmp_path / "other", "lth_lib")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "other"))
    assert commit_of(folder) == head
