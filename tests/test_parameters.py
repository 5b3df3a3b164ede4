"""What `begin` accepts and refuses, and which results a chapter gets."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny
import torch
from tiny import setting

from lth_lib.experiments.run import Run
from lth_lib.spec import SpecError
from lth_lib.workshop import chapters

GOOD = {"scale": "quick", "device": "cpu", "train": False, "executor": "local"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("scale", "huge"), ("device", "tpu"), ("device", "cuda:99"), ("train", 1), ("executor", "abacus")],
)
def test_a_bad_value_is_named_in_one_sentence(name: str, value: object) -> None:
    with pytest.raises(SpecError, match=str(value)) as refused:
        chapters.begin(GOOD | {name: value})
    assert "\n" not in str(refused.value)


def test_a_name_that_is_no_parameter_is_refused() -> None:
    with pytest.raises(SpecError, match="devise"):
        chapters.begin(GOOD | {"devise": "cpu"})


@pytest.mark.parametrize("name", ["compute", "In", "Out"])
@pytest.mark.parametrize("value", ["x", 3, True, None])
def test_no_name_switches_the_check_off(name: str, value: object) -> None:
    with pytest.raises(SpecError, match=f"There is no parameter {name}, devise"):
        chapters.begin(GOOD | {name: value, "devise": "cpu"})


def test_the_cell_may_run_again_when_later_ones_have_left_names() -> None:
    chapters.begin(GOOD | {"compute": chapters.begin(GOOD), "seeds": (0, 1)})


def test_a_parameter_that_is_missing_is_named() -> None:
    with pytest.raises(SpecError, match="executor"):
        chapters.begin({name: value for name, value in GOOD.items() if name != "executor"})


def test_what_ipython_and_imports_leave_is_no_parameter() -> None:
    chapters.begin(GOOD | {"In": [""], "Out": {}, "_i1": "x", "begin": chapters.begin, "torch": torch})


def test_quick_trains_into_the_named_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTH_STORE", str(tmp_path))
    run = Run(setting(), seeds=(0, 1))
    compute = chapters.begin(GOOD)
    assert list(compute([run])) == [run]
    assert (tmp_path / "quick" / "runs" / run.digest).is_dir()


@pytest.mark.parametrize("scale", ["paper", "small"])
def test_without_leave_to_train_a_kept_scale_leaves_out_what_is_missing(
    scale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, run = tiny.committed(tmp_path, monkeypatch), Run(setting(steps=10), seeds=(0, 1))
    assert len(chapters.begin(GOOD | {"scale": scale})([run])) == 0
    assert list(chapters.begin(GOOD | {"scale": scale, "train": True})([run])) == [run]
    assert store.has(run), "both scales have one store"
