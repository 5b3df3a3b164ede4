"""What no cluster could do is refused in one sentence, before one is asked."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import tiny

from lth_lib.experiments.run import Run
from lth_lib.results import cluster
from lth_lib.results.cluster import ClusterError, OnRay
from lth_lib.results.compute import compute
from lth_lib.results.store import Store
from lth_lib.spec import SpecError
from lth_lib.workshop import chapters

pytestmark = pytest.mark.xdist_group("ray")


def test_without_ray_one_sentence_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"requirements-ray\.txt") as refused:
        chapters.begin({"scale": "quick", "device": "cpu", "train": False, "executor": "ray"})
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("device", ["cuda:1", "cuda:0"])
def test_the_cluster_chooses_the_gpu(device: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=device):
        compute([Run(tiny.setting())], tiny.store(tmp_path), train=True, device=device, executor=OnRay())


def test_a_store_that_only_this_process_sees_is_refused(tmp_path: Path) -> None:
    store = Store("memory://results", tmp_path)
    with pytest.raises(SpecError, match="memory://results, which no other process sees"):
        compute([Run(tiny.setting())], store, train=True, executor=OnRay())


def test_a_store_that_is_not_shared_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 0.0)
    run = Run(tiny.setting())
    with pytest.raises(ClusterError, match="name places that all machines share"):
        cluster._await([run], tiny.store(tmp_path))


@pytest.mark.parametrize("package", ["lth_lib", "numba", "numpy", "python", "torch"])
def test_workers_of_another_version_are_refused(package: str, tmp_path: Path) -> None:
    wanted = cluster.made_with()
    wanted[package] += ".1"
    step = cluster.Step(Run(tiny.setting()), (), {})
    with pytest.raises(ClusterError, match="give all machines one environment"):
        cluster._train(step, tiny.store(tmp_path), "cpu", 60.0, 1, wanted)


def test_an_address_where_nobody_listens_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_ray", lambda: SimpleNamespace(is_initialized=lambda: False))
    for address in ("127.0.0.1:9", "ray://127.0.0.1:9"):
        with pytest.raises(ClusterError, match=f"No Ray cluster answers at '{address}'.*start one first"):
            OnRay(address)._connected()
