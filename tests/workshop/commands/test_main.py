"""The command line says in one sentence what is wrong, and by its exit status that it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny
from kept import DENSE

import lth_lib.__main__ as app
from lth_lib.experiments.run import Run
from lth_lib.results.store import Store


def test_verify_says_that_all_is_whole(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["verify"]) == 0
    said = capsys.readouterr()
    assert said.out == "2 results are whole, 0 are not.\n"
    assert said.err == ""


def test_verify_names_what_is_not_and_fails(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    path = store.folder(DENSE) / "metrics.npz"
    path.write_bytes(path.read_bytes()[:-1])
    assert app.main(["verify"]) == 1
    said = capsys.readouterr()
    assert said.out == "1 results are whole, 1 are not.\n"
    assert str(path) in said.err
    assert len(said.err.splitlines()) == 1


def test_show_prints_spec_provenance_and_the_last_numbers(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["show", DENSE.digest[:10]]) == 0
    said = capsys.readouterr().out
    assert json.loads(said[: said.index("\n}\n") + 2])["class"] == "Run"
    assert '"torch": "9.9"' in said
    assert "best_test_accuracy: [0.25, 0.5, 0.75]" in said


@pytest.mark.parametrize(("digest", "says"), [("nosuch", "no result begins so"), ("", "2 results begin so")])
def test_show_refuses_a_digest_that_names_no_result(
    digest: str, says: str, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["show", digest]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""


def test_show_refuses_what_is_damaged(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    (store.folder(DENSE) / "provenance.json").write_text("{}")
    assert app.main(["show", DENSE.digest]) == 2
    assert "does not match its SHA-256" in capsys.readouterr().err


def test_studies_are_listed_with_what_is_done(
    store: Store, small: list[Run], capsys: pytest.CaptureFixture[str]
) -> None:
    def said() -> list[str]:
        assert app.main(["studies"]) == 0
        return capsys.readouterr().out.splitlines()[-1].split()

    assert said() == ["tiny", "1", "0", "2.0", "Does", "it", "train?"]
    app.main(["compute", "--quiet"])
    capsys.readouterr()
    assert said() == ["tiny", "1", "1", "0.0", "Does", "it", "train?"]


ABSENT = ("IPython", "ipywidgets", "matplotlib", "numba", "pandas", "ray", "scipy", "sphinx", "torchvision")


LEAN = """
import sys
import zlib
from dataclasses import replace
from importlib.machinery import PathFinder
find, absent = PathFinder.find_spec, sys.argv[1].split()
PathFinder.find_spec = lambda name, *given: None if name.split(".")[0] in absent else find(name, *given)
import lth_lib.__main__ as app
from lth_lib.workshop.commands import compute
from lth_lib.experiments.studies import Entry, Study, lenet
from lth_lib.experiments.run import Run
setting, study = lenet("quick"), Study(("dense",))
short = replace(setting.recipe, steps=50, precision="bfloat16")  # a GPU's precision, and no kernel that is compiled
study.add("dense", 0, Run(replace(setting, recipe=short), seeds=(0, 1)))
compute.sample = lambda: study.runs[0]
compute.ALL = (Entry("tiny", "Does it train?", lambda scale: study, 1.0),)
sys.exit(app.main(["compute", "--quiet", "--bundle", sys.argv[2]]) or app.main(["unbundle", sys.argv[2]]))
"""


def test_where_nothing_is_to_be_drawn_a_sentence_says_so(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["picture"]) == 2
    assert capsys.readouterr().err == f"There is nothing to draw in {store.results}; `make compute` makes results.\n"


def test_training_needs_nothing_of_what_draws_or_times(store: Store, tmp_path: Path) -> None:
    said, faults = tiny.python(LEAN, " ".join(ABSENT), str(tmp_path / "bundle")).communicate()
    assert faults == ""
    assert said.splitlines()[1:] == [
        "1 of 1 runs and 0 of 0 measurements are stored.",
        f"0 results were added to {store.results}; 1 were there already, equal.",
    ]


@pytest.mark.parametrize("wrong", [[], ["verfy"], ["show"]])
def test_an_unknown_command_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        app.main(wrong)


def test_remake_without_committed_results_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tiny.committed(tmp_path, monkeypatch)
    assert app.main(["remake", "--deepest", "1", "--seeds", "0"]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"2 of 2 runs are not stored in {store.results} and this may not train; `make compute`")


def test_verify_counts_a_file_where_a_result_belongs(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    (store.results / "runs" / ("0" * 64)).touch()
    assert app.main(["verify"]) == 1
    said = capsys.readouterr()
    assert said.out == "2 results are whole, 1 are not.\n"
    assert "is no folder, but one belongs there; remove it" in said.err
