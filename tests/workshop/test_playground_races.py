"""What the playground is given: digits, a recipe that was chosen on others, and races of many seeds."""

from __future__ import annotations

import argparse
import base64
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lth_lib.data.arrays import normalise
from lth_lib.results.store import StoreError
from lth_lib.spec import SpecError
from lth_lib.workshop.commands import playground as command
from lth_lib.workshop.playground import browser, page, races
from lth_lib.workshop.playground.digits import packed

SETTING = page.setting()
KINDS = ("re-initialised", "values permuted")


@pytest.mark.parametrize("part", ["test", "valid"])
def test_what_the_page_unpacks_is_what_the_library_trains_on(part: str) -> None:
    arrays = SETTING.data.load()
    given = packed(SETTING.data, part)
    pairs = np.frombuffer(zlib.decompress(base64.b64decode(given["pixels"])), np.uint8)
    greys = np.stack([pairs >> 4, pairs & 15], 1).reshape(-1, 1, given["side"], given["side"])
    parts = arrays.train, getattr(arrays, part)
    x = normalise(torch.cat([one.x for one in parts]), arrays).numpy()
    np.testing.assert_allclose(greys * given["scale"] + page.recipe(SETTING)["shift"], x, atol=1e-6)
    assert given["labels"] == "".join(str(int(label)) for one in parts for label in one.y)
    assert given["train"] == len(arrays.train.y) == SETTING.data.trained


def test_no_digit_is_of_two_parts() -> None:
    arrays = SETTING.data.load()
    seen = [{image.numpy().tobytes() for image in one.x} for one in (arrays.train, arrays.valid, arrays.test)]
    sizes = [len(one.y) for one in (arrays.train, arrays.valid, arrays.test)]
    assert sizes == [4_000, 1_000, 1_000]
    assert not seen[0] & seen[1] | seen[0] & seen[2] | seen[1] & seen[2]


def test_the_stored_races_are_whole_and_of_the_recipe_of_the_page() -> None:
    stored = races.stored()
    assert stored["recipe"] == races.recipe()
    names = {"winning ticket", *(f"{kind} {k + 1}" for kind in KINDS for k in range(page.COPIES))}
    each = {(0, "dense"), *((level, name) for level in page.LEVELS for name in names)}
    raced = [(row["seed"], row["level"], row["name"]) for row in stored["races"]]
    assert sorted(raced) == sorted((seed, *one) for seed in races.SEEDS for one in each)
    assert stored["provenance"]["data"] == SETTING.data.load().fingerprint


def test_the_rate_was_chosen_for_the_dense_network_on_other_seeds() -> None:
    trials = races.stored()["trials"]
    assert sorted((row["rate"], row["seed"]) for row in trials) == [(r, s) for r in races.RATES for s in races.CHOOSING]
    assert races.best(trials) == page.RATE
    assert min(races.RATES) < page.RATE < max(races.RATES), "else a rate beyond those tried may be better"
    assert not set(races.SEEDS) & set(races.CHOOSING)


def row(seed: int, level: int, name: str, end: float) -> dict[str, Any]:
    return {"seed": seed, "level": level, "kept": 100 - level, "name": name, "before": 0.1, "early": 0.5, "end": end}


ROWS = [
    row(1, 0, "dense", 0.5),
    row(1, 3, "winning ticket", 0.75),
    row(1, 3, "re-initialised 1", 0.25),
    row(1, 3, "re-initialised 2", 0.75),
]


def test_a_ticket_is_ahead_of_the_mean_of_its_copies_and_of_its_own_dense_network() -> None:
    [found] = races.ahead(ROWS)
    by = {"re-initialised": {"early": 0.0, "end": 0.25}, "dense": {"early": 0.0, "end": 0.25}}
    assert found == {"level": 3, "seed": 1, "ahead": by}


def test_races_are_a_tidy_table() -> None:
    table = races.table(ROWS)
    assert table["series"].tolist() == ["dense", "winning ticket", "re-initialised", "re-initialised"]
    assert table["density"].tolist() == [1.0, 0.97, 0.97, 0.97]


class Pretended:
    """An engine that trains nothing, and notes what it was asked for."""

    browser = "none"

    def __init__(self, favourite: float) -> None:
        self.favourite = favourite
        self.asked: list[tuple[float, int, bool]] = []

    def __call__(self, given: dict[str, Any], seed: int, levels: Sequence[int]) -> list[dict[str, Any]]:
        rate = given["recipe"]["rate"]
        self.asked.append((rate, seed, bool(levels)))
        return [row(seed, 0, "dense", 1 - abs(rate - self.favourite))]


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretended:
    engine = Pretended(page.RATE)

    @contextmanager
    def opened() -> Iterator[Pretended]:
        yield engine

    monkeypatch.setattr(browser, "opened", opened)
    monkeypatch.setattr(races, "FILE", tmp_path / "playground.json")
    monkeypatch.setattr(races, "SEEDS", (101, 102))
    monkeypatch.setattr(page, "packed", lambda data, part: {})  # quick, and nothing is trained
    return engine


def run(anew: bool = False) -> int:
    return command.run(argparse.Namespace(anew=anew))


def test_the_command_tries_the_rates_then_races_and_trains_nothing_twice(pretended: Pretended) -> None:
    assert run() == 0
    trials = [(rate, seed, False) for rate in races.RATES for seed in races.CHOOSING]
    assert pretended.asked == [*trials, (page.RATE, 101, True), (page.RATE, 102, True)]
    assert [one["seed"] for one in races.stored()["races"]] == [101, 102]
    run()
    assert len(pretended.asked) == len(trials) + 2
    run(anew=True)
    assert len(pretended.asked) == 2 * (len(trials) + 2)


def test_with_another_recipe_all_is_trained_again(pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    first = list(pretended.asked)
    monkeypatch.setattr(page, "TESTS", (50, 400))
    run()
    assert pretended.asked == [*first, *first]


def test_another_rate_is_asked_for_where_it_is_better(pretended: Pretended, monkeypatch: pytest.MonkeyPatch) -> None:
    pretended.favourite = races.RATES[-1]
    with pytest.raises(SpecError, match="of those tried"):
        run()
    assert not any(raced for _, _, raced in pretended.asked)
    monkeypatch.setattr(page, "RATE", races.RATES[-1])
    run()
    assert [seed for _, seed, raced in pretended.asked if raced] == [101, 102]
    assert len(pretended.asked) == len(races.RATES) * len(races.CHOOSING) + 2, "trials hold whatever the rate"


def test_without_races_it_is_said_how_to_make_them(pretended: Pretended) -> None:
    with pytest.raises(StoreError, match="python -m lth_lib playground"):
        races.stored()


def test_the_engine_is_apart_from_the_page() -> None:
    assert "class Experiment" in page.engine()
    assert not re.search(r"\b(document|window|render)\b", page.engine()), "the engine knows of no page"
