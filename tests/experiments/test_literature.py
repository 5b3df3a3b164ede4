"""The literature's methods are runs that can be trained, and each leaves about as much as it was asked to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tiny import Colour, setting

from lth_lib.experiments.facts import facts
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import literature
from lth_lib.models import ResNet
from lth_lib.results.compute import compute
from lth_lib.results.store import Results, Store

pytestmark = pytest.mark.xdist_group("literature")  # all are trained at once, by one worker

DENSE = Run(replace(setting(), data=Colour(), model=ResNet(n=1)), seeds=(0, 1))
SHORT = replace(DENSE, setting=replace(DENSE.setting, recipe=replace(DENSE.setting.recipe, steps=20)))
EVERY = literature(SHORT, 0.5, batch=100)


def test_each_says_when_and_by_what_it_prunes() -> None:
    told = {name: facts(run) for name, run in EVERY.items()}
    assert {one["when"] for one in told.values()} == {"before", "during", "after", "ticket", "control"}
    assert all(one["method"] for one in told.values())
    assert len({run.digest for run in EVERY.values()}) == len(EVERY)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("literature")
    store = Store(str(folder / "results"), str(folder))
    return compute([*EVERY.values()], store, train=True, progress=False)


@pytest.mark.parametrize("name", EVERY)
def test_each_trains_and_leaves_about_half(name: str, results: Results) -> None:
    density = results[EVERY[name]].metrics["density"][-1]
    assert ((density > 0.4) & (density < 0.75)).all()
