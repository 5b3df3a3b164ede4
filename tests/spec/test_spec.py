"""A result is named by the digest of its spec: golden digests, and every field counts."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tiny import Colour, Grey

from lth_lib.data import MNIST, Crops
from lth_lib.experiments.masks import Pruned, Shuffled
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import PRUNER, imp, lenet, original, reinitialised, sample, shuffled
from lth_lib.experiments.weights import Final
from lth_lib.models import LeNet, ResNet
from lth_lib.pruning.criteria import Random
from lth_lib.pruning.dynamics import Gradual
from lth_lib.pruning.penalty import Unseen
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric, OneShot
from lth_lib.pruning.scope import Global, Layerwise
from lth_lib.spec import Spec, SpecError, added, canonical, canonical_json, within
from lth_lib.spec.chain import MADE_AGAIN
from lth_lib.training.recipe import SGD, Adam, Rate, Recipe, Setting

STUDY = imp(lenet("paper"), PRUNER, Geometric(0.2, 2))
REWOUND = Setting(
    MNIST(),
    ResNet(),
    Recipe(SGD(0.9, 1e-4), Rate(0.03, 20_000, (20_000, 25_000)), batch=128, steps=30_000, augment=Crops()),
)

GOLDEN = {
    "dense": (STUDY[0], "3cf78aa1e3641c8ebb446cbdfa431d521d638c4218f07c166f68541ca08d7d99"),
    "level 1": (STUDY[1], "f9978d876a128078365dfd8c495f663ecbfebb08e72d08e2a3d9edfaf5948835"),
    "level 2": (STUDY[2], "3cf5e385dcd8620bc2d77a40cced283198f8f9ce9b1405d2d5db208891115ce1"),
    "re-initialised": (reinitialised(STUDY[2]), "cefc4282173ad2cfc1b4007caf88b1ed0e0c7c28361ee061057698ed7d8cd6df"),
    "shuffled": (shuffled(STUDY[2]), "a13e83ff238867c6ca6eb3cddb718da71049d14da5b85fa5c9d61d544aabf407"),
    "other seeds": (
        dataclasses.replace(STUDY[0], seeds=(5, 6, 7, 8, 9)),
        "3b34deb2a087f1b5ec9af35e35a503d8d7d678af7f432eeecb61314dff8cb5aa",
    ),
    "quick": (Run(lenet("quick"), seeds=(0, 1, 2)), "8cb5385f2c2c07f2f7ab7b7b3ecc3129df04ec6aeda752372ee8dbd30e211a9a"),
    "rewound": (
        imp(REWOUND, Pruner(Random("a"), scope=Global("conv")), OneShot(0.2, 6), rewind=500, seeds=(3,))[1],
        "48f88373d15af93224042728c014c351c056bbcd56f33d44146ecd2067bb545c",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_digests_are_those_of_the_committed_results(name: str) -> None:
    run, digest = GOLDEN[name]
    assert run.digest == digest, "what results are named by has changed: bump the version of the class that changed"


def test_the_canonical_text_is_what_is_hashed() -> None:
    assert canonical_json(Rate(0.1, drops=(20,))) == (
        '{"base":0.1,"class":"Rate","drops":[20],"factor":0.1,"version":1,"warmup":0}'
    )


def test_a_run_in_a_run_is_written_as_its_digest() -> None:
    masks = canonical(STUDY[1])["ticket"]["masks"]
    assert masks["run"] == {"class": "Run", "digest": STUDY[0].digest}
    assert json.loads(canonical_json(STUDY[1])) == canonical(STUDY[1])


def test_what_is_within_a_spec_is_found_but_for_what_is_written_by_its_digest() -> None:
    masks = Shuffled(Pruned(STUDY[0], Pruner(), 0.2))
    assert list(within(masks, Pruned)) == [masks.masks]
    assert list(within(Run(STUDY[0].setting, Ticket(masks)), Pruner)) == [Pruner()]
    assert list(within(masks, Run)) == []


BASE = Run(Setting(Grey(), LeNet((8,)), Recipe(SGD(), Rate(0.1), 10, 40, segment=5, test_every=10, augment=Crops())))
TICKET = Ticket(Shuffled(Pruned(BASE, Pruner(), 0.2)))
OTHER: dict[str, Any] = {
    "Run.start": 5,
    "Run.until": 30,
    "Run.order": "again",
    "Recipe.optimiser": Adam(),
    "Recipe.batch": 11,
    "Recipe.steps": 41,
    "Recipe.segment": 10,
    "Recipe.test_every": 20,
    "Recipe.augment": None,
    "Setting.data": Colour(),
    "Grey.pixels": "unit",
    "Crops.pad": 3,
    "Crops.flip": False,
    "SGD.momentum": 0.9,
    "SGD.weight_decay": 0.1,
    "Recipe.precision": "bfloat16",
    "Recipe.dynamics": Gradual(every=4, until=8),
    "Recipe.penalty": Unseen(),
    "Rate.base": 0.2,
    "Rate.warmup": 1,
    "Rate.drops": (1,),
    "Rate.factor": 0.5,
    "LeNet.hidden": (9,),
    "LeNet.norm": True,
    "Initial.salt": "again",
    "Shuffled.salt": "again",
    "Pruned.rate": 0.3,
    "Pruned.rounds": 2,
    "Pruner.criterion": Random(),
    "Layerwise.factors": (("out", 0.5),),
}
ELSEWHERE = ("Run.ticket", "Pruned.run", "Pruned.density", "Run.seeds", "Recipe.forward", "Pruner.granularity")
"""Fields that are changed by a test of their own, or of which there is one value yet."""


def variants(spec: Spec) -> Iterator[tuple[str, Spec]]:
    """Yield a spec with one field changed, anywhere in it."""
    for field in dataclasses.fields(spec):
        name, value = f"{type(spec).__name__}.{field.name}", getattr(spec, field.name)
        if name in OTHER:
            yield name, dataclasses.replace(spec, **{field.name: OTHER[name]})
        if isinstance(value, Spec) and name not in ELSEWHERE:
            inner = list(variants(value))
            assert inner or name in OTHER, f"give {name} another value in OTHER"
            yield from ((key, dataclasses.replace(spec, **{field.name: other})) for key, other in inner)
        elif name not in ELSEWHERE:
            assert name in OTHER, f"give {name} another value in OTHER"


def test_every_field_of_a_run_is_in_its_digest() -> None:
    changed = [*variants(BASE), *variants(TICKET)]
    assert {name for name, _ in changed} == set(OTHER)
    digests = [spec.digest for _, spec in changed] + [BASE.digest, TICKET.digest]
    assert len(set(digests)) == len(digests)


def test_the_run_that_is_pruned_and_the_seeds_are_in_the_digest() -> None:
    one, other = (dataclasses.replace(STUDY[0], order=order) for order in ("", "again"))
    assert Pruned(one, Pruner(), 0.2).digest != Pruned(other, Pruner(), 0.2).digest
    assert Final(one).digest != Final(other).digest
    assert Run(lenet("quick"), seeds=(0, 1)).digest != Run(lenet("quick"), seeds=(1, 0)).digest


@dataclasses.dataclass(frozen=True)
class Before(Spec):
    rate: float = 0.5


@dataclasses.dataclass(frozen=True)
class After(Spec):
    rate: float = 0.5
    later: int = added(3)


@dataclasses.dataclass(frozen=True)
class Forgetful(Spec):
    rate: float = 0.5

    def __post_init__(self) -> None:
        pass


def test_a_field_added_later_is_left_out_while_it_has_its_former_value() -> None:
    assert set(canonical(After())) == set(canonical(Before()))
    assert canonical(After(later=4))["later"] == 4


def test_a_bumped_version_is_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Before().digest
    monkeypatch.setattr(Before, "version", 2)
    assert Before().digest != before


def test_whole_and_decimal_numbers_are_the_same_where_a_float_is_declared() -> None:
    assert Rate(1).digest == Rate(1.0).digest
    assert SGD(0, 0).digest == SGD().digest
    assert '"base":1.0' in canonical_json(Rate(1))


@pytest.mark.parametrize("value", [{1: 2}, {3}, [4], np.int64(3), np.ones(2), object, b"bytes", 1j])
def test_what_is_no_plain_data_is_refused(value: Any) -> None:
    with pytest.raises(SpecError, match="A spec holds numbers, strings, tuples and specs"):
        canonical((value,))


def test_a_class_that_does_not_let_its_fields_be_checked_has_no_digest() -> None:
    assert Forgetful(0.5).digest
    with pytest.raises(SpecError, match=r"Forgetful.rate is 1; call super\(\).__post_init__\(\) first"):
        Forgetful(1).digest  # noqa: B018


def test_classes_of_equal_fields_have_different_digests() -> None:
    assert Geometric(0.2, 3).digest != OneShot(0.2, 3).digest
    assert Layerwise().digest != Global().digest


def test_a_spec_cannot_be_changed_and_equal_specs_are_one_key() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Rate(0.1).base = 0.2  # type: ignore[misc]
    assert {Rate(0.1): 1}[Rate(0.1)] == 1
    assert dataclasses.replace(Rate(0.1), base=0.2).digest == Rate(0.2).digest


def test_the_committed_study_begins_with_these_runs() -> None:
    first, second, *_ = original("paper").runs
    assert first.digest == "3cf78aa1e3641c8ebb446cbdfa431d521d638c4218f07c166f68541ca08d7d99"
    assert second.digest == "f9978d876a128078365dfd8c495f663ecbfebb08e72d08e2a3d9edfaf5948835"
    assert sample().digest == "d67fa75a49e25eda73bfed23dee9281c8006acc86dc4ae6bbcae59a0fce22467"


LEVELS = 200


def chain(levels: int = LEVELS) -> Run:
    """Return the last of a chain of tickets, each pruned from the one before."""
    return imp(Setting(Grey(), LeNet((8,)), Recipe(SGD(), Rate(0.1), 10, 40)), Pruner(), Geometric(0.01, levels))[-1]


def test_a_chain_of_many_levels_is_compared_printed_copied_and_sent() -> None:
    one, other = chain(), chain()
    assert one == other != chain(LEVELS - 1)
    assert len({one, other}) == 1
    assert repr(one).count("Run(") == 2
    assert f"run=Run({one.ticket.parents()[0].digest[:12]})" in repr(one)
    assert copy.copy(one) == copy.deepcopy(one) == dataclasses.replace(one) == one
    sent = pickle.loads(pickle.dumps([one, other]))
    assert sent == [one, other]
    assert [run.digest for run in sent[0].ancestors()] == [run.digest for run in one.ancestors()]
    assert dataclasses.replace(sent[0], order="a").digest == dataclasses.replace(one, order="a").digest


def test_what_is_sent_is_as_it_was() -> None:
    for spec in (BASE, TICKET, STUDY[2], Layerwise((("out", 0.5), ("fc", 1.0))), Crops()):
        sent = pickle.loads(pickle.dumps(spec))
        assert type(sent) is type(spec)
        assert vars(sent).keys() == vars(spec).keys() - {MADE_AGAIN}
        assert canonical_json(sent) == canonical_json(spec)
        assert repr(sent) == repr(spec)
    shared = pickle.loads(pickle.dumps(STUDY[2]))
    assert shared.setting is shared.ticket.parents()[0].setting, "what is one spec stays one"


def test_a_spec_is_printed_as_it_is_written() -> None:
    assert repr(Rate(0.1, drops=(20,))) == "Rate(base=0.1, warmup=0, drops=(20,), factor=0.1)"
    assert repr(Layerwise((("out", 0.5),))) == "Layerwise(factors=(('out', 0.5),))"
    assert repr(LeNet((8, 4))) == "LeNet(hidden=(8, 4), norm=False)"
