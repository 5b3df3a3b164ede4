"""All that can be known is checked before anything trains."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import tiny
from short import chain, trained
from tiny import SEEDS, setting

from lth_lib.data import Marked
from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import Study, imp, reinitialised
from lth_lib.masks import Masks
from lth_lib.models import Layer, Transformer
from lth_lib.pruning.criteria import SNIP, Criterion, Subject, SynFlow
from lth_lib.pruning.dynamics import Dynamics, Gradual
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.replicates import Tree
from lth_lib.results import compute, engine
from lth_lib.results.store import Store, StoreError
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Setting

BLOCKED = {
    "results": lambda folder: (folder / "results").touch(),
    "measurements": lambda folder: ((folder / "results").mkdir(), (folder / "results" / "measurements").touch()),
    "scratch": lambda folder: (folder / "scratch").touch(),
    "weights": lambda folder: ((folder / "scratch").mkdir(), (folder / "scratch" / "weights").touch()),
    "checkpoints": lambda folder: ((folder / "scratch").mkdir(), (folder / "scratch" / "checkpoints").touch()),
}


@pytest.mark.parametrize("blocked", BLOCKED)
def test_a_place_that_cannot_be_written_is_said_before_anything_trains(
    blocked: str, tmp_path: Path, begun: list[Run]
) -> None:
    store = tiny.store(tmp_path)
    BLOCKED[blocked](tmp_path)
    with pytest.raises(
        StoreError, match=rf"{blocked} (cannot be written|is no folder)|{blocked}/\w+ cannot be written"
    ):
        trained(chain(), store)
    assert begun == []


def test_a_place_that_may_not_be_written_is_said_before_anything_trains(
    store: Store, begun: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tempfile.TemporaryFile

    def read_only(*, dir: Path) -> object:
        if store.scratch in dir.parents:
            raise PermissionError(13, "Permission denied")
        return temporary(dir=dir)

    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)
    with pytest.raises(StoreError, match=r"scratch.weights cannot be written \(Permission denied\)"):
        trained(chain(), store)
    assert begun == []


def test_what_is_all_stored_needs_no_place_to_write(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = trained(chain(), store)
    monkeypatch.setattr(Store, "check_writable", lambda store: pytest.fail("nothing is to be written"))
    assert list(trained(chain(), store)) == list(whole)


def test_a_batch_above_the_data_is_said_before_its_parents_are_trained(store: Store, begun: list[Run]) -> None:
    dense, _ = chain()
    large = replace(setting(), recipe=replace(setting().recipe, batch=201))
    child = replace(dense, setting=large, ticket=Ticket(Pruned(dense, Pruner(), 0.5)))
    with pytest.raises(SpecError, match="batch was 201; Grey has 200 images to train"):
        trained([dense, child], store)
    assert begun == []


def test_on_a_cluster_too_all_is_checked_before_anything_trains(store: Store) -> None:
    large = replace(setting(), recipe=replace(setting().recipe, batch=201))
    with pytest.raises(SpecError, match="batch was 201; Grey has 200 images to train"):
        compute.compute([Run(large, seeds=SEEDS)], store, train=True, executor=Elsewhere())


@dataclass(frozen=True)
class Elsewhere(engine.Executor):
    """Another machine, on which nothing is to begin."""

    here: ClassVar[bool] = False

    def finish(self, runs: Sequence[Run], engine: engine.Engine) -> None:
        raise AssertionError("a training began")


@dataclass(frozen=True)
class Scoring(Criterion):
    """A criterion of somebody's, who has a mistake in it."""

    how: str

    def score(self, subject: Subject) -> Tree:
        if self.how == "asks":
            subject.asked.examples(10_000, "own")
        if self.how == "raises":
            raise KeyError("fc9")
        return {name: weight.sum() for name, weight in subject.weights.items()}


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        (Scoring("asks"), "A criterion asks for 10000 examples of Grey, which has 200 to train"),
        (
            Scoring("raises"),
            "cannot score the weights of .* on Grey as they begin, KeyError: 'fc9'; nothing was",
        ),
        (Scoring("sums"), r"scored fc1.weight by torch.float32 \[\]; it is a tensor of numbers \[1, 16, 64\]"),
        (SNIP(100_000), "A criterion asks for 100000 examples of Grey, which has 200 to train"),
    ],
    ids=str,
)
def test_a_criterion_is_tried_before_what_it_is_to_prune_is_trained(
    criterion: Criterion, said: str, store: Store, begun: list[Run]
) -> None:
    pruner, dense = Pruner(criterion), Run(setting(), seeds=SEEDS)
    gradual = replace(setting(), recipe=replace(setting().recipe, dynamics=Gradual(10, 20, pruner=pruner)))
    for run in (
        replace(dense, ticket=Ticket(Pruned(dense, pruner, 0.5))),
        Run(gradual, seeds=SEEDS),
        replace(dense, ticket=Ticket(Pruned(dense, Pruner(), 0.5)), setting=gradual),
    ):
        with pytest.raises(SpecError, match=said):
            trained([run], store)
    assert begun == []


def test_ones_are_not_sent_through_tokens_before_or_after_a_training(store: Store, begun: list[Run]) -> None:
    given = Setting(Marked(), Transformer(9, 8, 1), setting().recipe)
    with pytest.raises(SpecError, match="SynFlow sends ones through a network"):
        trained(imp(given, Pruner(SynFlow()), Geometric(0.5, 1), seeds=SEEDS), store)
    assert begun == []


def test_masks_that_are_held_need_no_criterion_and_not_its_data(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    dense = Run(setting(), seeds=SEEDS)
    ticket = replace(dense, ticket=Ticket(Pruned(dense, Pruner(SNIP(10)), 0.5)))
    trained([ticket], store)
    monkeypatch.setattr(SNIP, "score", lambda *_: pytest.fail("the masks are there"))
    again = trained([reinitialised(ticket)], store)
    assert len(again) == 1


@dataclass(frozen=True)
class Swapped(Dynamics):
    """A dynamics of somebody's that replaces masks by those of other shapes."""

    def check(self, layers: tuple[Layer, ...]) -> None:
        pass

    def replace(self, begun: Masks, subject: Subject, step: int) -> Masks:
        return {name: mask[:, :1] for name, mask in begun.items()}


def test_a_dynamics_is_tried_before_anything_trains(store: Store, begun: list[Run]) -> None:
    given = replace(setting(), recipe=replace(setting().recipe, dynamics=Swapped(10, 20)))
    with pytest.raises(SpecError, match=r"The mask of 'fc1.weight' is torch.bool \[1, 1, 64\]"):
        trained([Run(setting(), seeds=SEEDS), Run(given, seeds=SEEDS)], store)
    assert begun == []


@pytest.mark.parametrize("name", ["weights", "about.json", "checkpoint"])
def test_a_folder_where_a_file_belongs_is_set_aside_before_anything_trains(name: str, store: Store) -> None:
    (run,) = chain(levels=0)
    folder = Path(store.checkpoints(run.digest))
    paths = {"weights": Path(store.weights(run.digest)), "checkpoint": folder / "000000010-0.safetensors"}
    path = paths.get(name, folder / name)
    (path / "held").mkdir(parents=True)
    with pytest.warns(UserWarning, match=f"{path} was a folder, and a file belongs there; it was set aside"):
        found = trained([run], store)
    assert found[run].provenance["seconds"] >= 0
    assert store.has_weights(run.digest)
    assert not Path(store.weights(run.digest)).is_dir()


def test_a_folder_that_cannot_be_set_aside_is_refused_before_anything_trains(store: Store, begun: list[Run]) -> None:
    (run,) = chain(levels=0)
    path = Path(store.weights(run.digest))
    for one in (path, path.with_suffix(".damaged")):
        (one / "held").mkdir(parents=True)
    with pytest.raises(StoreError, match=f"{path} is a folder, but a file belongs there; remove it"):
        trained([run], store)
    assert begun == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"wanted": Study(("dense",))}, r"compute was given a Study; give runs and measurements, as in compute\(\["),
        ({"wanted": [[1]]}, "compute was given list among what is wanted; give runs"),
        ({"store": "results"}, r"store was 'results'; it is a Store of two places"),
        ({"device": "gpu"}, "device was 'gpu'; it is 'cpu', 'cuda' or 'cuda:N'"),
        ({"device": "cuda:99"}, "device was 'cuda:99', but torch sees"),
    ],
)
def test_what_compute_cannot_be_given_is_said_in_its_words(given: dict[str, Any], said: str, store: Store) -> None:
    with pytest.raises(SpecError, match=said):
        compute.compute(**{"wanted": chain(), "store": store, "train": True, **given})
