"""What a bench says, by a bench that is made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lth_lib.report import speed
from lth_lib.report.prose import Value
from lth_lib.report.turns import Bench, Ratio, Row


def row(name: str, seconds: float, count: float = 1, flop: float = 0.0) -> Row:
    """Return what took so long in the median of three turns, a half and twice that in the others."""
    return Row(name, (seconds / 2, seconds, seconds * 2), count, "things", flop)


LIMIT = [
    row("large product, torch.mm", 1.0, 1, 8e9),
    row("large product, oneDNN", 0.5, 1, 8e9),
    row("training step, five replicates", 2.0, 10, 4e9),
    row("its optimiser alone", 1.0, 10),
]
GROWTH = [row("1 replicates", 0.1, 100), row("20 replicates", 1.6, 2000), row("32 replicates", 1.6, 3200)]
DENSITY = [row("100 %", 4.0), row("21.1 %", 2.0), row("3.58 %", 1.0), row("1.19 %", 0.8)]
CONVOLUTIONS = [
    row("Conv-4, 3 replicates", 1.0, 3000),
    row("Conv-4, plain loop", 1.0, 1000),
    row("Conv-4, bfloat16", 0.5, 1000),
    row("VGG-19, 3 replicates vmapped", 2.0, 1000),
]
BENCH = Bench(
    {"device": "A processor", "cores": 2, "threads": 1, "torch": "2.13", "date": "2026-11-21", "commit": "123456789"},
    {
        "limit": LIMIT,
        "others": [row("ours", 1.0, 30), row("plain", 1.0, 5), row("usual", 1.0, 1)],
        "replicates": GROWTH,
        "density": DENSITY,
        "convolutions": CONVOLUTIONS,
        "memoised": [row("finished runs", 0.1, 50)],
        "level": [row("LeNet-300-100", 2.0, 0.01)],
        "ladder": [row("MNIST, 21 levels", 1.0, 10), row("MNIST, plain loop", 1.0, 1)],
    },
    {"LeNet-300-100": 0.5, "VGG-19": 3.0},
)


def test_what_a_step_reaches_is_a_share_of_each_large_product() -> None:
    # 2 GFLOP/s, of 8 and of 16.
    assert speed.reached(LIMIT) == pytest.approx({"large product, torch.mm": 0.25, "large product, oneDNN": 0.125})


def test_a_step_is_compared_with_the_dense_one() -> None:
    shares = speed.step_shares(DENSITY)
    assert {at: ratio.median for at, ratio in shares.items()} == {100: 1, 21.1: 0.5, 3.58: 0.25, 1.19: 0.2}
    assert [speed.nearest(shares, percent) for percent in (21, 3.6, 0.1)] == [21.1, 3.58, 1.19]
    points = speed.ratio_points({3.0: Ratio(2.0, 1.0, 4.0)}.items(), "ticket")
    assert points.to_dict("records") == [{"series": "ticket", "at": 3.0, "median": 2.0, "low": 1.0, "high": 4.0}]


def test_a_step_between_two_densities_that_were_timed_lies_on_the_line() -> None:
    assert speed.step_seconds(DENSITY, 1.0) == 4
    assert speed.step_seconds(DENSITY, (0.211 + 1) / 2) == pytest.approx(3)
    assert speed.step_seconds(DENSITY, 0.001) == 0.8, "nothing was timed below"


def test_what_a_replicate_costs_is_in_milliseconds() -> None:
    grown = speed.growth(GROWTH)
    assert grown["at"].tolist() == [1, 20, 32]
    assert grown["median"].tolist() == pytest.approx([1.0, 0.8, 0.5])
    assert grown.loc[0, ["low", "high"]].tolist() == pytest.approx([0.5, 2.0])


def test_images_per_second_have_a_column_for_each_way() -> None:
    shown = speed.images_per_second(CONVOLUTIONS, {"Conv-4": 60, "VGG-19": 64})
    assert shown.columns.tolist() == [
        "Network", "Batch", "3 in turns", "3 vmapped", "1, plain loop", "3 in turns, bfloat16",
    ]  # fmt: skip
    assert shown.to_numpy().tolist() == [
        ["Conv-4", "60", "3,000", "", "1,000", "2,000"],
        ["VGG-19", "64", "", "500", "", ""],
    ]


def test_a_ladder_is_compared_with_dense_iterations_of_the_plain_loop() -> None:
    rows = [row("A, 21 levels", 1.0, 4), row("plain", 1.0), row("B, 21 levels", 2.0), row("plain", 1.0)]
    found = {name: ratio.median for name, ratio in speed.ladders(rows).items()}
    assert found == {"A": 4.0, "B": 0.5}


def test_a_former_ladder_is_made_of_the_levels_that_were_timed() -> None:
    one, half = row("", 1.0), row("100 %", 0.5)
    dense = replace(one, name="100 %")
    tables = {"others": [half, one, one], "density": [dense, replace(half, name="50 %"), replace(half, name="20 %")]}
    # Level 0 takes 1, levels 1 and 2 lie on the line from it to level 3, and all others to level 5 take a half.
    share = (1 + 5 / 6 + 4 / 6 + 3 * 0.5) / 6
    assert speed.former_ladder(tables, (3, 5)) == pytest.approx(2 / share)


def test_ladders_are_a_row_for_each_kernel() -> None:
    shown = speed.ladder_table({"MNIST": Ratio(9.0, 8.0, 10.0)}, 2.346, ("MNIST", "Fashion-MNIST"))
    assert shown.to_numpy().tolist() == [
        ["compiled", "9.00 (8.00 to 10.00)", "not timed yet"],
        ["former", "2.35", "2.35"],
    ]


def test_goals_are_met_or_missed() -> None:
    goals = {goal.what: goal for goal in speed.on_a_cpu(BENCH, 2.0)}
    met = {what: goal.met for what, goal in goals.items()}
    assert met == {
        "Iterations against a loop with a DataLoader": True,  # 30 times
        "Iterations against a plain loop": True,  # 6 times
        "A step at 21.1 % of the weights over a dense one": True,  # 0.5
        "A step at 3.58 % of the weights over a dense one": True,  # 0.25, the limit itself
        "A ladder on MNIST over that of the former kernel": True,  # 2 over 10
        "A step's operations per second over those of the best large product": False,  # 0.125
        "Cost of a replicate among 32 over that of one alone": True,  # 0.5
        "Conv-4 in bfloat16 over a plain float32 loop, per replicate and image": True,  # 0.5
        "100 finished runs, asked again": True,  # 0.2 s
        "Peak memory of five LeNets, data included": True,  # 0.54 GB
    }
    fewest = speed.on_a_cpu(BENCH._replace(tables={**BENCH.tables, "ladder": []}), 2.0)
    assert len(fewest) == len(goals) - 1, "a ladder that was not timed has no goal"


def test_a_goal_is_in_words() -> None:
    goals = [speed.Goal("Speed", 25, 24.9, " times", at_least=True), speed.Goal("Time", 0.5, 0.5, " s")]
    assert speed.goal_table(goals, "Measured").to_numpy().tolist() == [
        ["Speed", "at least 25 times", "24.9", "missed"],
        ["Time", "at most 0.5 s", "0.5", "met"],
    ]


def test_the_goals_on_a_card_have_a_column_for_each_machine() -> None:
    without = speed.card_table([], BENCH)
    assert set(without["Card"]) == {"not measured"}
    # A level takes 200 s, so 61 of them 203.3 minutes; a step of 20 takes 16 times that of one.
    here = ["200.0 s", "203.3 minutes", "not measured", "16.0 times"]
    assert without["This CPU, 2 cores"].tolist() == here
    level = [*BENCH.tables["level"], row("ResNet-20", 3.0, 0.01)]
    card = Bench({"device": "A card", "torch": "2.13"}, {**BENCH.tables, "level": level}, {})
    assert speed.card_table([card], BENCH)["A card, torch 2.13"].tolist() == [*here[:2], "5.0 minutes", here[3]]


def test_numbers_in_sentences_have_the_rest_beside_them() -> None:
    assert speed.times(Ratio(2.0, 1.0, 4.0)) == Value("2.00 times", "1.00 to 4.00 over the turns")
    assert speed.machine(BENCH) == Value("A processor", "2 cores, 1 threads, torch 2.13, 2026-11-21, commit 1234567")
    assert speed.cards([]) == Value("none")
    assert speed.cards([BENCH, BENCH]) == Value("2", "A processor, A processor")
    assert speed.of_the_limit(LIMIT[::2]) == Value(
        "0.25", "large product, torch.mm: 8 GFLOP/s; training step, five replicates: 2 GFLOP/s"
    )
    assert speed.largest_memory(BENCH.memory) == Value("3.00 GiB", "LeNet-300-100 0.50 GiB; VGG-19 3.00 GiB")
