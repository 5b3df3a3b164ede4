"""A bench times what it says it times; how long that takes is no matter here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch

from lth_lib.data import Dataset
from lth_lib.models import Conv, Model
from lth_lib.report import speed
from lth_lib.report.turns import Bench, Row, times_as_fast
from lth_lib.spec import SpecError
from lth_lib.training import machine
from lth_lib.training.recipe import Setting
from lth_lib.workshop import bench
from lth_lib.workshop.bench import clock, convolutions, memory, report, rivals, subjects, tables
from lth_lib.workshop.bench.clock import Work

FAST, SLOW = Row("fast", (1.0, 2.0, 4.0), 8, "steps", 16.0), Row("slow", (2.0, 8.0, 8.0), 4, "steps")


def test_a_bench_is_printed_a_line_for_each_row() -> None:
    rows = [replace(FAST, name="A, bfloat16"), replace(SLOW, name="A, plain loop")]
    said = bench.lines(Bench({}, {"convolutions": rows}, {"LeNet-300-100": 0.5}))
    assert said[1].split() == ["A,", "bfloat16", "4.0", "steps/s,", "0", "GFLOP/s"]
    assert said[-2].endswith("0.25 of the time (0.12 to 0.25)")
    assert said[-1].endswith("0.50 GiB")


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


def test_sparse_levels_of_the_former_kernel_were_faster() -> None:
    former = bench.committed().former
    dense = times_as_fast(*former.tables["others"][:2]).median
    assert 1 < speed.former_ladder(former.tables, bench.LEVELS) / dense < 21


def test_the_book_shows_a_bench_of_the_compiled_kernel_that_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"device": "A processor", "kind": "cpu", "kernel": "CompiledKernel", "source": "x", "cores": 2}
    card = {**about, "device": "A card", "kind": "cuda", "kernel": "CapturedKernel"}
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    monkeypatch.setattr(report, "FORMER", tmp_path / "former")
    rows = [asdict(FAST)]
    every, peak = {name: rows for name in bench.TABLES}, {"memory": {"LeNet-300-100": 0.5}}
    (tmp_path / "former").mkdir()
    (tmp_path / "former" / "old.json").write_text(json.dumps({"machine": {"kernel": "gone"}, "tables": {}}))
    bench.write_tables({"machine": card, "tables": {"limit": rows}})
    bench.write_tables({"machine": {**about, "device": "A part"}, "tables": every})
    with pytest.raises(SpecError, match=r"No bench in .* has every table of the compiled kernel; `make bench` takes"):
        bench.committed()
    bench.write_tables({"machine": about, "tables": every | peak})
    found = bench.committed()
    assert (found.cpu.machine["device"], found.former.machine["kernel"]) == ("A processor", "gone")
    assert [one.machine["device"] for one in found.cards] == ["A card"]


def test_timing_needs_no_tables() -> None:
    # A machine that is lent for some minutes has what training needs, and no pandas.
    program = "import lth_lib.workshop.commands.bench, sys; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("rival", [rivals.plain, rivals.loader, rivals.channels_last])
def test_a_rival_flushes_denormal_numbers_as_we_do(rival: object) -> None:
    run = rival(tiny.setting())  # type: ignore[operator]
    torch.set_flush_denormal(False)
    run(1)
    assert machine.flushed()


@pytest.mark.parametrize("flush", [True, False])
def test_moments_decay_into_denormal_numbers_where_these_are_kept(flush: bool) -> None:
    moments = tables.decayed(flush)().numpy().view(np.uint32)
    assert bool((moments > 0).all()) is not flush
    assert bool((moments < 1 << 23).all()), "below the least exponent"
    assert machine.flushed(), "whatever was timed"


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
    return replace(tiny.setting(), data=tiny.Colour()) if name in subjects.NETWORKS else tiny.setting()


def test_peaks_are_measured_in_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_setting", small)
    monkeypatch.setattr(memory, "TRAINED", {"LeNet-300-100": 10})
    for name in ("LeNet-300-100", "Conv-2"):
        assert 0.1 < memory.peak(name) < 64


def test_tables_that_are_not_taken_again_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    monkeypatch.setattr(report, "tables", lambda device: {"limit": lambda: [FAST], "others": lambda: [SLOW]})
    monkeypatch.setattr(report, "peaks", lambda: {"LeNet-300-100": 0.5})
    taking = bench.bench("cpu", progress=False)
    path = bench.write_tables(next(taking))
    assert bench.read_tables(path).tables == {"limit": [FAST]}, "the bench is cut off here"
    assert {bench.write_tables(taken) for taken in bench.bench("cpu", ["others", "memory"], progress=False)} == {path}
    about, rows, peaks = found = bench.read_tables(path)
    assert about["threads"] == torch.get_num_threads()
    assert about["kernel"] == "CompiledKernel"
    assert about["commit"]
    assert rows == {"limit": [FAST], "others": [SLOW]}
    assert peaks == {"LeNet-300-100": 0.5}
    assert any("GFLOP/s" in line for line in bench.lines(found))
    assert json.loads(path.read_text())["tables"]["limit"][0]["seconds"] == [1.0, 2.0, 4.0]


def test_every_table_can_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def photographs(model: Model, batch: int, precision: str = "float32") -> Setting:
        given = tiny.setting(batch=batch, precision=precision)
        return replace(given, data=tiny.Colour(), model=model)

    for module in (tables, convolutions):
        monkeypatch.setattr(module, "STEPS", 2)
        monkeypatch.setattr(module, "NETWORKS", {"Conv-2": (Conv(1, (8,), 8), 4)})
        monkeypatch.setattr(module, "photographs", photographs)
    monkeypatch.setattr(tables, "digits", tiny.setting)
    monkeypatch.setattr(tables, "clothes", tiny.setting)
    monkeypatch.setattr(tables, "LEVELS", (1, 2))
    monkeypatch.setattr(  # those of the book are of its size
        tables, "tickets", lambda levels: [tiny.random_masks(tiny.setting(), 1 / 9 * n, subjects.FIVE) for n in levels]
    )
    monkeypatch.setattr(convolutions, "LOW_ON_CPU", ("Conv-2",))
    monkeypatch.setitem(tables.ON_CPU, "layer", lambda: convolutions.layer(2, 2, 4, 8))
    taken = {name: take() for name, take in tables.tables("cpu").items()}
    assert {*taken} == {*bench.TABLES}
    for name, rows in taken.items():
        assert len({row.name for row in rows}) == len(rows) > 0, name
        assert all(len(row.seconds) >= clock.FEW and row.rate > 0 for row in rows)
    assert [row.count for row in taken["ladder"][:2]] == [3 * 5 * 20, 20], "three levels of five replicates"
    assert {*tables.tables("cuda")} < {*bench.TABLES}


def test_the_ladder_has_a_ticket_of_each_level() -> None:
    every = [masks["fc1.weight"] for masks in tables.tickets(range(1, tables.LEVELS[-1] + 1))]
    left = [float(mask.float().mean()) for mask in every]
    assert len(left) == 20
    assert np.allclose(np.divide(left[1:], left[:-1]), 0.8, atol=0.01)


def test_committed_benches_are_whole() -> None:
    for path in bench.FOLDER.rglob("*.json"):
        about, rows, _ = bench.read_tables(path)
        assert {"device", "torch", "threads", "commit", "date", "cores"} <= about.keys()
        assert ("kernel" in about) is (path.parent != bench.FORMER)
        assert rows
        for row in (row for table in rows.values() for row in table):
            assert len(row.seconds) >= 5
            assert min(row.seconds) > 0


@pytest.mark.parametrize(
    ("timed", "sample"), [(subjects.digits, subjects.MNISTSample()), (subjects.clothes, subjects.FashionMNISTSample())]
)
def test_what_is_timed_is_as_large_as_what_is_trained(timed: Callable[[], Setting], sample: Dataset) -> None:
    arrays, own = timed().data.load(), sample.load()
    assert [len(split.y) for split in (arrays.train, arrays.valid, arrays.test)] == [55_000, 5_000, 10_000]
    assert {*map(bytes, arrays.test.x[:500].numpy())} <= {*map(bytes, own.test.x.numpy())}, "real pictures"
    assert torch.equal(arrays.mean, own.mean)
