"""The cache serves what was decoded, and hides neither a change nor its own damage."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pytest
from alike import same
from tiny_data import Tiny, encode, write_all_parquet, write_parquet

from lth_lib.data import DataError, cache
from lth_lib.data.examples import Both, in_order
from lth_lib.data.sources import find


def test_a_bit_that_flips_in_the_cache_makes_it_none(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", tiny)))
    whole, kept = find(tiny.source), tmp_path / "cache" / "tiny.npz"
    content = kept.read_bytes()
    ends = [*range(400), *range(len(content) - 600, len(content))]
    for at, bit in itertools.product([*ends, *range(400, len(content) - 600, 997)], (0, 3, 7)):
        kept.write_bytes(content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :])
        found = cache.load("tiny", tiny.source.contents, None)
        assert found is None or same(found, whole)


def test_a_user_without_a_home_has_no_cache(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LTH_CACHE")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", tiny)))
    assert cache.folder() is None
    assert same(find(tiny.source), find(tiny.source))


def test_a_download_is_kept(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def download(root: Path, name: str) -> Both:
        calls.append(name)
        return tuple(in_order(x, y) for x, y in zip(tiny.images, tiny.labels, strict=True))

    monkeypatch.setattr("lth_lib.data.publisher.download", download)
    assert same(find(tiny.source), find(tiny.source))
    assert calls == ["MNIST"]


def test_the_cache_does_not_hide_a_folder_that_changed(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", tiny)))
    find(tiny.source)
    train = tmp_path / "data" / "mnist" / "train-00000-of-00001.parquet"
    write_parquet(train, [encode(x) for x in tiny.images[0]], (tiny.labels[0] + 1) % 10)
    with pytest.raises(DataError, match="other images or labels") as caught:
        find(tiny.source)
    assert str(train) in str(caught.value)


@pytest.mark.parametrize("cut", [0, 10, 10_000])
def test_a_damaged_cache_is_made_again(cut: int, tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", tiny)))
    whole, kept = find(tiny.source), tmp_path / "cache" / "tiny.npz"
    kept.write_bytes(kept.read_bytes()[:cut])
    assert same(find(tiny.source), whole)
    monkeypatch.delenv("LTH_DATA")
    assert same(find(tiny.source), whole)


def test_a_cache_with_other_pixels_is_not_believed(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", tiny)))
    whole, kept = find(tiny.source), tmp_path / "cache" / "tiny.npz"
    arrays = dict(np.load(kept))
    arrays["images0"][0, 0, 0, 0] ^= 1
    np.savez(kept, **arrays)
    assert same(find(tiny.source), whole)
    arrays["contents"] = np.array(["0" * 64, "1" * 64])
    np.savez(kept, **arrays)
    assert same(find(tiny.source), whole)


def test_a_write_that_fails_leaves_nothing(tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setenv("LTH_DATA", str(write_all_parquet(tmp_path / "data", tiny)))
    monkeypatch.setattr(os, "replace", full)
    find(tiny.source)
    assert list((tmp_path / "cache").iterdir()) == []
