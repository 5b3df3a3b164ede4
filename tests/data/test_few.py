"""Few images of a sample are the first of it, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from lth_lib.data.few import CIFAR10Few, FashionMNISTFew, Few, MNISTFew

FEW = pytest.mark.parametrize("few", [MNISTFew(), FashionMNISTFew(), CIFAR10Few()], ids=lambda few: type(few).__name__)


@FEW
def test_they_have_the_sizes_that_they_say(few: Few) -> None:
    arrays = few.load()
    assert [len(split.y) for split in (arrays.train, arrays.valid, arrays.test)] == [2_000, 250, 500]
    assert (few.trained, few.held_out, few.tested) == (2_000, 250, 500)
    assert all(split.y.unique().tolist() == list(range(10)) for split in (arrays.train, arrays.valid, arrays.test))


@FEW
def test_they_are_the_first_of_the_sample_seen_as_it_is(few: Few) -> None:
    sample = few.sample()
    assert (few.shape, few.mean, few.std) == (sample.shape, sample.mean, sample.std)
    for own, whole in zip(few.examples(), sample.examples(), strict=True):
        first = {(image.tobytes(), int(label)) for image, label in zip(whole.images, whole.labels, strict=True)}
        held = {(image.tobytes(), int(label)) for image, label in zip(own.images, own.labels, strict=True)}
        assert held < first
        assert np.array_equal(np.sort(whole.labels[: len(own.labels)]), np.sort(own.labels))
