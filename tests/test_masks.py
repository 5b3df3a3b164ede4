"""A pruned weight is zero: established, counted, packed and refused when it does not fit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny import random_masks, same_tree, setting, weights_of

from lth_lib import masks as mask_rules
from lth_lib.spec import SpecError


def masks() -> dict[str, torch.Tensor]:
    """Two replicates, two layers of 3 and 8 weights."""
    return {
        "a.weight": torch.tensor([[[1, 0, 1]], [[0, 0, 0]]]).bool(),
        "b.weight": torch.tensor([[[1, 1, 1, 1], [1, 1, 1, 0]], [[1, 0, 0, 0], [0, 0, 0, 0]]]).bool(),
    }


def test_established_weights_are_zero_where_masked_and_as_they_were_elsewhere() -> None:
    params, _ = weights_of(setting())
    before = {name: value.clone() for name, value in params.items()}
    held = random_masks(setting(), 0.5)
    assert mask_rules.violations(params, held) == sum(int((~mask).sum()) for mask in held.values())
    mask_rules.establish(params, held)
    assert mask_rules.violations(params, held) == 0
    for name, value in params.items():
        mask = held.get(name, torch.ones_like(value, dtype=torch.bool))
        assert torch.equal(value, torch.where(mask, before[name], 0))


def test_establishing_also_clears_what_is_not_finite() -> None:
    tree = {"a.weight": torch.full((2, 1, 3), torch.nan)}
    mask_rules.establish(tree, masks())
    assert mask_rules.violations(tree, masks()) == 0
    assert tree["a.weight"].isnan().sum() == 2


def test_a_small_weight_is_no_masked_weight() -> None:
    tree = {"a.weight": torch.tensor([[[0.0, 1e-30, -1e-30]], [[0.0, 0.0, -0.0]]])}
    assert mask_rules.violations(tree, masks()) == 1


def test_density_is_kept_weights_over_all_weights() -> None:
    assert mask_rules.density(masks()).tolist() == [9 / 11, 1 / 11]
    by_layer = mask_rules.layer_density(masks())
    assert by_layer["a.weight"].tolist() == [2 / 3, 0]
    assert by_layer["b.weight"].tolist() == [7 / 8, 1 / 8]


def test_a_density_counts_weights_and_neither_biases_nor_batch_norm() -> None:
    more = masks() | {"a.bias": torch.zeros(2, 1).bool(), "b.scale": torch.ones(2, 2).bool()}
    assert mask_rules.density(more).tolist() == mask_rules.density(masks()).tolist()
    assert mask_rules.layer_density(more).keys() == masks().keys()


def test_a_density_is_exact_beyond_the_whole_numbers_of_single_precision() -> None:
    mask = torch.ones(1, 1, 2**24 + 1, dtype=torch.bool)
    mask[0, 0, 0] = False
    assert mask_rules.density({"a": mask})[0] == 2**24 / (2**24 + 1)


def test_masks_survive_packing(tmp_path) -> None:
    for held in (masks(), random_masks(setting(), 0.7)):
        np.savez_compressed(tmp_path / "masks.npz", **mask_rules.pack(held))
        read = mask_rules.unpack(dict(np.load(tmp_path / "masks.npz", allow_pickle=False)))
        assert same_tree(read, held)
        assert all(mask.dtype == torch.bool for mask in read.values())


@pytest.mark.parametrize("size", [0, 1, 3])
def test_packed_masks_of_another_length_are_refused(size: int) -> None:
    arrays = mask_rules.pack(masks()) | {"b.weight": np.zeros(size, np.uint8)}
    with pytest.raises(SpecError, match=r"'b.weight' holds \d+ bits; 16 are needed for \[2, 2, 4\]"):
        mask_rules.unpack(arrays)


@pytest.mark.parametrize(
    "wrong",
    [torch.ones(2, 1, 4, dtype=torch.bool), torch.ones(1, 3, dtype=torch.bool), torch.ones(2, 1, 3)],
    ids=["shape", "no replicates", "no bool"],
)
def test_a_mask_that_does_not_fit_is_refused(wrong: torch.Tensor) -> None:
    params = {"a.weight": torch.zeros(2, 1, 3)}
    mask_rules.check({"a.weight": masks()["a.weight"]}, params)
    with pytest.raises(SpecError, match=r"The mask of 'a.weight' is .* must be torch.bool \[2, 1, 3\]"):
        mask_rules.check({"a.weight": wrong}, params)


def test_a_mask_of_nothing_is_refused() -> None:
    with pytest.raises(SpecError, match=r"'b.weight', which is no parameter; there are \['a.weight'\]"):
        mask_rules.check(masks(), {"a.weight": torch.zeros(2, 1, 3)})
