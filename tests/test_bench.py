"""A bench times what it says it times; how long that takes is no matter here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import tiny
import torch

from lth_lib import bench
from lth_lib.bench import clock, memory, report, rivals, subjects, tables
from lth_lib.bench.clock import Row, Work
from lth_lib.models import Conv
from lth_lib.recipe import Setting

FAST, SLOW = Row("fast", (1.0, 2.0, 4.0), 8, "steps", 16.0), Row("slow", (2.0, 8.0, 8.0), 4, "steps")


def test_a_rate_is_by_the_median_turn() -> None:
    assert (FAST.rate, FAST.flops, SLOW.rate) == (4.0, 8.0, 0.5)


def test_a_ratio_pairs_the_turns() -> None:
    assert bench.ratio(FAST, SLOW) == (4.0, 4.0, 8.0)


def test_bfloat16_is_compared_with_the_plain_loop_of_its_network() -> None:
    low, plain = replace(FAST, name="A, bfloat16"), replace(SLOW, name="A, plain loop")
    rows = [low, plain, replace(FAST, name="A, 3 replicates"), replace(SLOW, name="B, plain loop")]
    assert bench.low(rows) == {"A": (0.25, 0.125, 0.25)}
    assert bench.lines({"convolutions": rows}, {})[-1].endswith("0.25 of the time (0.12 to 0.25)")
    assert bench.low([low]) == {}


def test_everything_is_done_once_to_warm_up_and_then_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    ticks = iter(range(100))
    monkeypatch.setattr(clock.time, "perf_counter", lambda: float(next(ticks)))
    work = {name: Work(lambda name=name: done.append(name), 3, "things", 2.0) for name in "ab"}  # type: ignore[misc]
    rows = clock.in_turns(work, repeats=2)
    assert done == ["a", "b"] * 3
    assert rows == [Row(name, (1.0, 1.0), 3, "things", 2.0) for name in "ab"]


def test_a_steps_operations_are_those_of_its_products() -> None:
    given = tiny.setting()  # 64 inputs, 16 and 8 units, 4 classes; batches of 10
    forward = 2 * 10 * (64 * 16 + 16 * 8 + 8 * 4)
    backward = forward + 2 * 10 * (16 * 8 + 8 * 4)
    assert tables.step_flop(given) == forward + backward


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the images that a rival evaluates."""
    seen: list[int] = []
    evaluated = rivals._sums

    def sums(network: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        seen.append(len(y))
        return evaluated(network, x, y)

    monkeypatch.setattr(rivals, "_sums", sums)
    return seen


@pytest.mark.parametrize("rival", [rivals.plain, rivals.loader])
def test_a_rival_takes_the_steps_and_evaluates_as_often_as_we_do(
    rival: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = counted(monkeypatch)
    taken = []
    step = torch.optim.Adam.step
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self, *a: taken.append(1) or step(self, *a))  # type: ignore[func-returns-value]
    rival(tiny.setting())(20)  # type: ignore[operator]
    assert len(taken) == 20
    assert sum(seen) == 2 * 40 + 80, "validation twice, the test once"


def test_a_rival_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    networks = []
    lenet = rivals._lenet
    monkeypatch.setattr(rivals, "_lenet", lambda given: networks.append(lenet(given)) or networks[-1])  # type: ignore[func-returns-value]
    given = tiny.setting()
    arrays = given.data.load()
    x, y = rivals.normalise(arrays.test.x, arrays), arrays.test.y
    run = rivals.plain(given)
    before = float(rivals._sums(networks[0], x, y)[1])
    run(200)
    assert float(rivals._sums(networks[0], x, y)[1]) > before + 10


def small(name: str) -> Setting:
    return replace(tiny.setting(), data=tiny.Colour()) if name in tables.NETWORKS else tiny.setting()


def test_peaks_are_measured_in_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_setting", small)
    monkeypatch.setattr(memory, "TRAINED", {"LeNet-300-100": 10})
    for name in ("LeNet-300-100", "Conv-2"):
        assert 0.1 < memory.peak(name) < 64


def test_tables_that_are_not_taken_again_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    monkeypatch.setattr(report, "tables", lambda device: {"limit": lambda: [FAST], "others": lambda: [SLOW]})
    monkeypatch.setattr(report, "peaks", lambda: {"LeNet-300-100": 0.5})
    path = bench.write(bench.bench("cpu", progress=False))
    again = bench.write(bench.bench("cpu", ["others"], progress=False))
    assert path == again
    machine, rows, peaks = bench.read(path)
    assert machine["threads"] == torch.get_num_threads()
    assert machine["commit"]
    assert rows == {"limit": [FAST], "others": [SLOW]}
    assert peaks == {"LeNet-300-100": 0.5}
    assert any("GFLOP/s" in line for line in bench.lines(rows, peaks))
    assert json.loads(path.read_text())["tables"]["limit"][0]["seconds"] == [1.0, 2.0, 4.0]


def test_every_table_can_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "STEPS", 2)
    monkeypatch.setattr(tables, "digits", tiny.setting)
    monkeypatch.setattr(tables, "NETWORKS", {"Conv-2": (Conv(1, (8,)), 4)})
    monkeypatch.setattr(tables, "LOW_ON_CPU", ("Conv-2",))
    monkeypatch.setattr(tables, "layer", lambda whole=tables.layer: whole(2, 2, 4, 8))
    monkeypatch.setattr(
        tables,
        "photographs",
        lambda model, batch, precision="float32": replace(
            tiny.setting(batch=batch, precision=precision), data=tiny.Colour(), model=model
        ),
    )
    monkeypatch.setattr(tables, "density", lambda device: tables.growth(device))  # its masks are of the book's size
    taken = {name: take() for name, take in tables.tables("cpu").items()}
    assert {*taken} == {*bench.TABLES}
    for name, rows in taken.items():
        assert len({row.name for row in rows}) == len(rows) > 0, name
        assert all(len(row.seconds) >= clock.FEW and row.rate > 0 for row in rows)
    assert {*tables.tables("cuda")} < {*bench.TABLES}


def test_committed_benches_are_whole() -> None:
    for path in bench.FOLDER.glob("*.json"):
        machine, rows, _ = bench.read(path)
        assert {"device", "torch", "threads", "commit", "date", "cores"} <= machine.keys()
        assert rows
        for row in (row for table in rows.values() for row in table):
            assert len(row.seconds) >= 5
            assert min(row.seconds) > 0


def test_what_is_timed_is_as_large_as_what_is_trained() -> None:
    arrays = subjects.digits().data.load()
    assert [len(split.y) for split in (arrays.train, arrays.valid, arrays.test)] == [55_000, 5_000, 10_000]
    sample = subjects.MNISTSample().load()
    assert {*map(bytes, arrays.test.x[:500].numpy())} <= {*map(bytes, sample.test.x.numpy())}, "real digits"
