"""The command line says in one sentence what is wrong, and by its exit status that it is."""

from __future__ import annotations

import json
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from kept import DENSE, TICKET, metrics, of_masks, some_masks
from tiny import SEEDS, setting

import lth_lib.__main__ as app
from lth_lib.data import DataError
from lth_lib.data.examples import Both
from lth_lib.experiments.measure import InputConnections
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import Entry, Study, catalogue
from lth_lib.results.bundle import file
from lth_lib.results.cluster import OnRay
from lth_lib.results.deadline import Deadline
from lth_lib.results.engine import Local
from lth_lib.results.store import Store
from lth_lib.training.proof import ProofError
from lth_lib.workshop.commands import compute as command
from lth_lib.workshop.commands import studies


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a store of two results, which the command line takes for the book's."""
    held, masks = tiny.committed(tmp_path, monkeypatch), some_masks()
    at_end = {"best_test_accuracy": np.array([0.25, 0.5, 0.75])}
    held.write(DENSE, metrics() | at_end, None, tiny.ABOUT | {"torch": "9.9"})
    held.write(TICKET, of_masks(masks), masks, tiny.ABOUT)
    return held


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


@pytest.mark.parametrize(("device", "says"), [("cuda:99", "GPUs here"), ("tpu", "it is 'cpu', 'cuda' or 'cuda:N'")])
def test_compute_refuses_a_device_that_is_not_there(
    device: str, says: str, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(command, "compute")
    assert app.main(["compute", "--device", device]) == 2
    said = capsys.readouterr().err
    assert repr(device) in said
    assert says in said


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """Return the two runs which the command line takes for the book's."""
    runs = [Run(setting(steps=10), seeds=SEEDS), Run(setting(steps=10), seeds=(5, 6))]
    study = Study(("dense",))
    study.add("dense", 0, runs[1])
    study.questions.append(InputConnections(runs[0]))
    monkeypatch.setattr(command, "sample", lambda: runs[0])
    entry = Entry("tiny", "Does it train?", lambda scale: study, core_hours=2.0)
    monkeypatch.setattr(command, "ALL", (entry,))
    monkeypatch.setattr(studies, "ALL", (entry,))
    monkeypatch.setattr(catalogue, "ALL", (entry,))
    return runs


def test_compute_trains_what_is_missing(store: Store, small: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["compute", "--quiet", "--seeds", "5"]) == 0
    assert capsys.readouterr().out == "1 of 1 runs and 0 of 0 measurements are stored.\n"
    assert [store.has(run) for run in small] == [False, True]
    assert app.main(["compute", "--quiet"]) == 0
    assert capsys.readouterr().out == "2 of 2 runs and 1 of 1 measurements are stored.\n"
    assert [store.has(run) for run in small] == [True, True]


def test_one_study_is_trained_by_name(store: Store, small: list[Run], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["compute", "--quiet", "--study", "large"]) == 2
    assert capsys.readouterr().err == "There is no study 'large'; there are tiny.\n"
    assert app.main(["compute", "--quiet", "--study", "tiny"]) == 0
    assert [store.has(run) for run in small] == [True, True], "a question needs the run that it asks"
    assert capsys.readouterr().out == "1 of 1 runs and 1 of 1 measurements are stored.\n"


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


def test_a_scale_is_listed_and_trained_by_name(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {scale: Study(("dense",)) for scale in ("paper", "small")}
    for steps, study in zip((80, 20), made.values(), strict=True):
        study.add("dense", 0, Run(setting(steps=steps), seeds=SEEDS))
    entry = Entry("tiny", "Does it train?", made.__getitem__, 2.0)
    for module in (command, studies, catalogue):
        monkeypatch.setattr(module, "ALL", (entry,))
    assert app.main(["studies", "--scale", "small"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:4] == ["tiny", "1", "0", "0.5"]
    assert app.main(["compute", "--quiet", "--scale", "small"]) == 0
    assert capsys.readouterr().out == "1 of 1 runs and 0 of 0 measurements are stored.\n"
    assert [store.has(study.runs[0]) for study in made.values()] == [False, True]
    with pytest.raises(SystemExit, match="2"):
        app.main(["compute", "--scale", "quick"])
    assert "choose from paper, small" in capsys.readouterr().err.replace("'", "")


class Absent(tiny.Grey):
    """Data whose files are not on this machine."""

    def examples(self) -> Both:
        raise DataError("Its files are not here.")


def test_what_the_last_study_lacks_is_said_before_the_first_trains(
    store: Store, small: list[Run], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    last = Study(("dense",))
    last.add("dense", 0, Run(replace(setting(steps=10), data=Absent()), seeds=SEEDS))
    monkeypatch.setattr(command, "ALL", (*command.ALL, Entry("last", "?", lambda scale: last, 1.0)))
    assert app.main(["compute", "--quiet"]) == 2
    assert capsys.readouterr().err == "Its files are not here.\n"
    assert not any(store.has(run) for run in small)


@pytest.mark.parametrize("arguments", [[], ["--ray", "head:6379", "--device", "cuda"]])
def test_compute_trains_where_it_is_told(
    arguments: list[str], store: Store, small: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    if arguments:
        pytest.importorskip("ray")
    given: dict[str, object] = {}
    monkeypatch.setattr(command, "compute", lambda *_, **how: given.update(how) or {})
    assert app.main(["compute", *arguments]) == 0
    assert given["executor"] == (OnRay("head:6379") if arguments else Local())
    assert given["device"] == ("cuda" if arguments else "cpu")


def test_compute_without_ray_says_how_to_install_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert app.main(["compute", "--ray", "local"]) == 2
    assert "requirements-ray.txt" in capsys.readouterr().err


def test_compute_stopped_by_the_keyboard_ends_as_shells_expect(
    store: Store, small: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "compute", stopped)
    assert app.main(["compute"]) == 130


def test_what_is_trained_into_a_bundle_is_added_elsewhere(
    store: Store, small: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bundle"
    assert app.main(["compute", "--quiet", "--minutes", "9", "--bundle", str(path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"{path} has 3 results and 0 files to go on from, in 0.0 MB")
    assert said[1] == "2 of 2 runs and 1 of 1 measurements are stored."
    elsewhere = tiny.committed(tmp_path / "elsewhere", monkeypatch)
    assert app.main(["unbundle", str(path)]) == 0
    assert capsys.readouterr().out == f"3 results were added to {elsewhere.results}.\n"
    assert app.main(["unbundle", str(path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [f"0 results were added to {elsewhere.results}; 3 were there already, equal."]
    assert all(tiny.same_metrics(elsewhere.read(run), store.read(run)) for run in small)
    weights = file.read(path) | {f"kept/weights/{small[0].digest}.weights": zlib.compress(b"weights")}
    file.write(path, weights)
    assert app.main(["unbundle", str(path)]) == 0
    assert f"1 files to go on from were put into {elsewhere.scratch}." in capsys.readouterr().out
    assert elsewhere.weights(small[0].digest).read_bytes() == b"weights"
    path.write_bytes(path.read_bytes()[1:])
    assert app.main(["unbundle", str(path)]) == 2
    assert "cut or altered" in capsys.readouterr().err


def test_compute_that_is_out_of_time_says_how_far_it_came(
    store: Store, small: list[Run], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Deadline, "near", lambda _: True)
    monkeypatch.setattr(command, "sample", lambda: Run(setting(steps=20), seeds=SEEDS))
    assert app.main(["compute", "--quiet", "--minutes", "9"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("Stopped before the 9 minutes were over, in run ")
    assert "at step 10 of 20" in said[0]
    assert said[1] == "0 of 2 runs and 0 of 1 measurements are stored."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--minutes", "0"], "a number above 0"),
        (["--minutes", "5", "--ray", "head:6379"], "leave out either them or --ray"),
        (["--bundle", "file", "--ray", "head:6379"], "leave out either them or --ray"),
        (["--bundle", "."], "Is a directory"),
    ],
)
def test_compute_refuses_what_it_cannot_do(
    arguments: list[str], says: str, store: Store, small: list[Run], capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.main(["compute", *arguments]) == 2
    assert says in capsys.readouterr().err
    assert not any(store.has(run) for run in small)


def test_a_gpu_is_proven_before_anything_is_trained(
    store: Store, small: list[Run], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unfit(device: str) -> str:
        raise ProofError(f"{device} is not fit to train.")

    monkeypatch.setattr(command, "check_device", lambda *_, **__: None)
    monkeypatch.setattr(command, "prove", unfit)
    assert app.main(["compute", "--device", "cuda"]) == 2
    assert capsys.readouterr() == ("", "cuda is not fit to train.\n")


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


@pytest.mark.parametrize("blocked", ["results", "scratch", "folder"])
def test_compute_says_what_cannot_be_written_before_a_device_proves_itself(
    blocked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.committed(tmp_path, monkeypatch)
    monkeypatch.setattr(command, "prove", lambda device: pytest.fail("it was to be refused before"))
    monkeypatch.setattr(command, "check_device", lambda device, here: None)
    (tmp_path / blocked).touch()
    assert app.main(["compute", "--device", "cuda", "--bundle", str(tmp_path / "folder" / "bundle")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(str(tmp_path / blocked))


def test_verify_counts_a_file_where_a_result_belongs(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    (store.results / "runs" / ("0" * 64)).touch()
    assert app.main(["verify"]) == 1
    said = capsys.readouterr()
    assert said.out == "2 results are whole, 1 are not.\n"
    assert "is no folder, but one belongs there; remove it" in said.err
