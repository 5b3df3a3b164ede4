"""On a GPU every kernel is asked for the same bits each time; on a CPU denormal numbers are flushed."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import tiny
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from lth_lib.replicates import Tree
from lth_lib.training import kernels, machine

WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(WORKSPACE, "to be put back")
    monkeypatch.delenv(WORKSPACE)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    monkeypatch.setattr(torch.utils.deterministic, "fill_uninitialized_memory", True)
    before = torch.are_deterministic_algorithms_enabled()
    yield
    torch.use_deterministic_algorithms(before)


def choose(device: str) -> kernels.Kernel:
    """Choose the kernel of a dense network whose tensors are said to be on a device."""
    given, weights = tiny.setting(), tiny.weights_of(tiny.setting())[0]
    masks = tiny.ones(given)

    def there(tree: Tree) -> Tree:
        return {name: torch.empty(value.shape, dtype=value.dtype, device=device) for name, value in tree.items()}

    with FakeTensorMode():
        return kernels.choose(given, there(weights), {}, there(masks), {})


def test_whoever_trains_on_a_gpu_has_asked_for_deterministic_kernels() -> None:
    choose("cuda")
    assert torch.are_deterministic_algorithms_enabled()
    assert os.environ[WORKSPACE] == ":4096:8"
    assert not torch.backends.cudnn.benchmark, "which times its kernels and takes another when the machine is busy"
    assert not torch.utils.deterministic.fill_uninitialized_memory, "which fills every new tensor with NaN first"


def test_a_workspace_that_is_named_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WORKSPACE, ":16:8")
    choose("cuda")
    assert os.environ[WORKSPACE] == ":16:8"


def test_on_a_cpu_nothing_is_changed() -> None:
    tiny.trainer(tiny.setting())
    assert not torch.are_deterministic_algorithms_enabled()
    assert WORKSPACE not in os.environ


def test_denormals_are_flushed_in_every_thread_that_computes() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)  # before they are asked for anything: the others are to hear of it too
    try:
        torch.set_flush_denormal(False)
        assert not machine.flushed()
        machine.prepare(torch.device("cpu"))
        assert machine.flushed()
    finally:
        torch.set_num_threads(threads)


def test_waiting_threads_are_told_to_spin_briefly_before_torch_is_loaded() -> None:
    program = "import lth_lib, os, sys; print(os.environ['GOMP_SPINCOUNT'], 'torch' in sys.modules)"
    told = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    for before, said in ((told, "10000 False"), (told | {"GOMP_SPINCOUNT": "7"}, "7 False")):
        done = subprocess.run([sys.executable, "-c", program], env=before, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == said


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc keeps what is freed"
)
def test_what_is_freed_in_the_middle_of_the_heap_is_returned() -> None:
    machine.keep_freed_memory()
    blocks = [torch.ones(1 << 20) for _ in range(40)]
    last = torch.ones(1 << 20)  # holds the heap's end, so that nothing is returned by itself
    before = resident()
    blocks.clear()
    kept = resident()
    machine.return_freed_memory()
    assert before - kept < 20e6
    assert kept - resident() > 100e6
    assert last.sum() == 1 << 20


def resident() -> float:
    """Return the bytes of this process that are in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
