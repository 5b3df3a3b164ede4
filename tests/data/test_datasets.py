"""Every data set has the splits, the statistics and the fingerprint it says it has."""

from __future__ import annotations

import dataclasses
import os
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from lth_lib.data import (
    CIFAR10,
    MNIST,
    CIFAR10Sample,
    Dataset,
    FashionMNIST,
    FashionMNISTSample,
    Images,
    MNISTSample,
    normalise,
)
from lth_lib.data import dataset as dataset_file
from lth_lib.data.examples import Both, DataError, Examples, in_order
from lth_lib.spec import SpecError

SAMPLES: dict[Dataset, tuple[int, int, int]] = {
    MNISTSample(): (9_000, 1_000, 2_000),
    FashionMNISTSample(): (4_500, 500, 1_000),
    CIFAR10Sample(): (4_500, 500, 1_000),
}
WHOLE: dict[Dataset, tuple[int, int, int]] = {
    MNIST(): (55_000, 5_000, 10_000),
    FashionMNIST(): (55_000, 5_000, 10_000),
    CIFAR10("jpeg75"): (45_000, 5_000, 10_000),
}
SIZES = SAMPLES | (WHOLE if os.environ.get("LTH_DATA") else {})  # the whole data sets where someone has them

every = pytest.mark.parametrize("dataset", SIZES, ids=lambda dataset: type(dataset).__name__)


@every
def test_the_splits_have_their_sizes_and_kinds(dataset: Dataset) -> None:
    arrays = dataset.load()
    splits = (arrays.train, arrays.valid, arrays.test)
    assert tuple(len(split.y) for split in splits) == SIZES[dataset]
    assert (dataset.trained, dataset.held_out, dataset.tested) == SIZES[dataset]
    for split in splits:
        assert split.x.shape[1:] == dataset.shape
        assert (split.x.dtype, split.y.dtype) == (torch.uint8, torch.int64)
        assert split.y.unique().tolist() == list(range(dataset.classes))


@every
def test_training_and_validation_share_out_the_training_examples(dataset: Dataset) -> None:
    arrays, (train, _) = dataset.load(), dataset.examples()
    images = torch.cat([arrays.train.x, arrays.valid.x]).numpy()
    labels = torch.cat([arrays.train.y, arrays.valid.y]).numpy()
    pixels = in_order(train.images, train.labels)
    assert in_order(images, labels).content == pixels.content


@every
def test_training_images_have_the_declared_mean_and_deviation(dataset: Dataset) -> None:
    arrays = dataset.load()
    z = normalise(arrays.train.x, arrays)
    assert z.mean((0, 2, 3)).abs().max() < 0.02
    assert (z.std((0, 2, 3)) - 1).abs().max() < 0.02


@every
def test_loading_again_gives_the_same_arrays(dataset: Dataset) -> None:
    arrays = dataset.load()
    assert dataset.load(torch.device("cpu")) is arrays
    again = dataset_file._load.__wrapped__(dataset, "cpu")
    assert again.fingerprint == arrays.fingerprint
    assert torch.equal(again.train.x, arrays.train.x)
    assert torch.equal(again.valid.y, arrays.valid.y)


def test_fingerprints_of_the_pixels() -> None:
    # Not of CIFAR-10: the pixels of a JPEG may differ between decoders; its bytes are checked at each load.
    assert MNISTSample().load().fingerprint.startswith("0f3a9abebed8")
    assert FashionMNISTSample().load().fingerprint.startswith("dc46d5bd710a")


@pytest.mark.parametrize("dataset", SAMPLES, ids=lambda dataset: type(dataset).__name__)
def test_samples_are_balanced(dataset: Dataset) -> None:
    for part in dataset.examples():
        assert set(torch.from_numpy(part.labels).bincount().tolist()) == {len(part.labels) // dataset.classes}


def test_samples_are_small_and_say_whose_they_are() -> None:
    folder = files("lth_lib") / "samples"
    held = [file for name in ("mnist", "fashion_mnist", "cifar10") for file in (folder / name).iterdir()]
    assert len(held) == 6
    assert sum(len(file.read_bytes()) for file in held) < 7.5e6
    note = (folder / "README.md").read_text(encoding="utf-8")
    assert all(word in note for word in ("LeCun", "CC BY-SA 3.0", "Zalando", "MIT", "Krizhevsky", "JPEG"))


def test_normalise_is_the_textbook_formula_whatever_the_leading_axes() -> None:
    arrays = CIFAR10Sample().load()
    x = arrays.test.x[:12]
    expected = (x / 255 - arrays.mean) / arrays.std
    torch.testing.assert_close(normalise(x, arrays), expected, rtol=1e-5, atol=1e-6)
    stacked = normalise(x.view(3, 4, *x.shape[1:]), arrays)
    torch.testing.assert_close(stacked.flatten(0, 1), expected, rtol=1e-5, atol=1e-6)
    assert x.dtype == torch.uint8
    assert torch.equal(x, CIFAR10Sample().load().test.x[:12]), "the images themselves are as they were"


def test_each_data_set_has_its_own_digest() -> None:
    assert len({d.digest for d in (*SAMPLES, *WHOLE, CIFAR10())}) == 7


def test_an_unknown_variant_is_refused() -> None:
    with pytest.raises(SpecError, match=r"variant was 'png'.*'exact', 'jpeg75'"):
        CIFAR10("png")


def test_a_data_set_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        CIFAR10().variant = "jpeg75"  # type: ignore[misc]


@every
def test_unit_pixels_lie_between_0_and_1_and_are_of_the_same_images(dataset: Dataset) -> None:
    seen, arrays = dataclasses.replace(dataset, pixels="unit").load(), dataset.load()
    unit = normalise(seen.train.x, seen)
    assert (unit.min(), unit.max()) == (0, 1)
    assert torch.equal(seen.train.x, arrays.train.x)
    assert seen.fingerprint == arrays.fingerprint


def test_unit_pixels_are_another_data_set_and_normalised_ones_the_same_as_before() -> None:
    assert MNIST(pixels="unit").digest != MNIST().digest
    assert MNIST(pixels="normalised").digest == MNIST().digest
    with pytest.raises(SpecError, match="pixels was 'raw'"):
        MNIST(pixels="raw")


@dataclasses.dataclass(frozen=True)
class Given(Images):
    """Four classes of images of 2x3 pixels."""

    first: int = 0
    count: int = 12
    fault: str = ""

    classes: ClassVar[int] = 4
    shape: ClassVar[tuple[int, int, int]] = (1, 2, 3)
    mean: ClassVar[tuple[float, ...]] = (0.5,)
    std: ClassVar[tuple[float, ...]] = (0.5,)
    held_out: ClassVar[int] = 4

    def examples(self) -> Both:
        images, labels = np.zeros((self.count, *self.shape), np.uint8), np.arange(self.count) % 4 + self.first
        if self.fault == "turned":
            images = images.transpose(0, 1, 3, 2)
        if self.fault == "floats":
            images = images.astype(np.float32)
        if self.fault == "a label too few":
            labels = labels[1:]
        return Examples(images, labels, ""), Examples(images, labels.astype(self.kind), "")

    @property
    def kind(self) -> type:
        return np.float32 if self.fault == "labels" else np.int64


def test_a_data_set_of_ones_own_is_loaded() -> None:
    assert len(Given().load().train.y) == 8


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "labels from one": ({"first": 1}, "Given has labels int64 from 1 to 4; those of 4 classes are int64 from 0 to 3"),
    "labels below": ({"first": -1}, "Given has labels int64 from -1 to 2"),
    "labels of another type": ({"fault": "labels"}, "Given has labels float32"),
    "turned": ({"fault": "turned"}, r"images uint8 \[12, 1, 3, 2\] for 12 labels; they are uint8 \[N, 1, 2, 3\]"),
    "floats": ({"fault": "floats"}, r"images float32 \[12, 1, 2, 3\]"),
    "a label too few": ({"fault": "a label too few"}, "for 11 labels"),
    "nothing": ({"count": 0}, "one or more"),
    "all held out": ({"count": 4}, "Given has 4 training images and holds out 4 of them; hold out fewer"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_examples_that_are_not_the_data_sets_are_refused(wrong: str) -> None:
    how, said = WRONG[wrong]
    with pytest.raises(DataError, match=said):
        Given(**how).load()


UNSAID: dict[str, tuple[dict[str, Any], str]] = {
    "shape": ({"shape": (28, 28)}, r"4 classes of images of \(28, 28\)"),
    "classes": ({"classes": 0}, "has 0 classes"),
    "held_out": ({"held_out": 0}, "holds out 0"),
    "mean": ({"mean": (0.5, 0.5)}, "each channel has one, above 0"),
    "std": ({"std": (0.0,)}, "each channel has one, above 0"),
}


@pytest.mark.parametrize("name", UNSAID)
def test_a_data_set_that_does_not_say_what_it_is_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    constants, said = UNSAID[name]
    for constant, value in constants.items():
        monkeypatch.setattr(Given, constant, value)
    with pytest.raises(SpecError, match=said):
        Given()
    monkeypatch.undo()
    if name in ("shape", "mean", "std"):
        monkeypatch.delattr(Given, name)
        with pytest.raises(SpecError, match=f"Given does not say its {name}; give each as a constant of the class"):
            Given()
