"""The command `compute` trains what it is told to, where it is told, or says why not."""

from __future__ import annotations

import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
from tiny import SEEDS, setting

import lth_lib.__main__ as app
from lth_lib.data import DataError
from lth_lib.data.examples import Both
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


@pytest.mark.parametrize(("device", "says"), [("cuda:99", "GPUs here"), ("tpu", "it is 'cpu', 'cuda' or 'cuda:N'")])
def test_compute_refuses_a_device_that_is_not_there(
    device: str, says: str, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(command, "compute")
    assert app.main(["compute", "--device", device]) == 2
    said = capsys.readouterr().err
    assert repr(device) in said
    assert says in said


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


def test_a_scale_is_listed_and_trained_by_name(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = {scale: Study(("dense",)) for scale in ("paper", "small")}
    for steps, study in zip((80, 20), made.values(), strict=True):
        study.add("dense", 0, Run(setting(steps=steps), seeds=SEEDS))
    entry = Entry("tiny-at-two-scales", "Does it train?", made.__getitem__, 2.0)
    for module in (command, studies, catalogue):
        monkeypatch.setattr(module, "ALL", (entry,))
    assert app.main(["studies", "--scale", "small"]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert line.split()[:4] == ["tiny-at-two-scales", "1", "0", "0.5"]
    assert head.index("question") == line.index("Does"), "columns stand below their heads"
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
