"""Examples are the same whoever published them; a file that is no good is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tiny_data import Tiny, encode, write_parquet

from lth_lib.data import DataError
from lth_lib.data.examples import in_order, read_parquet

GREY = (1, 28, 28)


def test_the_order_of_the_files_does_not_matter(tiny: Tiny) -> None:
    images, labels = tiny.images[0], tiny.labels[0]
    shuffled = np.random.default_rng(0).permutation(len(labels))
    one, two = in_order(images, labels), in_order(images[shuffled], labels[shuffled])
    assert one.content == two.content
    np.testing.assert_array_equal(one.images, two.images)
    np.testing.assert_array_equal(one.labels, two.labels)


def test_every_pixel_and_label_is_in_the_fingerprint(tiny: Tiny) -> None:
    images, labels = tiny.images[0], tiny.labels[0]
    other, wrong = images.copy(), labels.copy()
    other[3, 0, 7, 7] ^= 1
    wrong[5] = (wrong[5] + 1) % 10
    assert len({in_order(x, y).content for x, y in ((images, labels), (other, labels), (images, wrong))}) == 3


def test_pixels_survive_the_parquet_file(tiny: Tiny, tmp_path: Path) -> None:
    files = [
        write_parquet(tmp_path / f"{i}.parquet", [encode(x) for x in images], labels)
        for i, (images, labels) in enumerate(zip(tiny.images, tiny.labels, strict=True))
    ]
    read = read_parquet(files, GREY, by_bytes=False)
    expected = in_order(np.concatenate(tiny.images), np.concatenate(tiny.labels))
    assert read.content == expected.content
    np.testing.assert_array_equal(read.images, expected.images)


def test_colours_are_in_the_order_of_their_channels(tmp_path: Path) -> None:
    image = np.arange(3, dtype=np.uint8).reshape(3, 1, 1) * np.full((3, 32, 32), 100, np.uint8)
    file = write_parquet(tmp_path / "a.parquet", [encode(image)], [4], column="img")
    np.testing.assert_array_equal(read_parquet([file], (3, 32, 32), by_bytes=False).images, image[None])


def test_a_jpeg_is_known_by_its_bytes(tiny: Tiny, tmp_path: Path) -> None:
    labels = tiny.labels[1]
    stored = [encode(x, "JPEG") for x in tiny.images[1]]
    file = write_parquet(tmp_path / "a.parquet", stored, labels)
    read = read_parquet([file], GREY, by_bytes=True)
    assert read.content == in_order(tiny.images[1], labels, stored).content
    assert read.content != in_order(tiny.images[1], labels).content


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _text(path: Path) -> None:
    path.write_text("not found")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _without_labels(path: Path) -> None:
    pq.write_table(pq.read_table(path).drop(["label"]), path)


def _without_images(path: Path) -> None:
    pq.write_table(pa.table({"label": [1, 2, 3]}), path)


def _impossible_label(path: Path) -> None:
    write_parquet(path, [encode(np.zeros(GREY, np.uint8))], [-1])


def _words_for_labels(path: Path) -> None:
    pq.write_table(pq.read_table(path).set_column(1, "label", pa.array(["shoe"] * 12)), path)


def _missing_label(path: Path) -> None:
    write_parquet(path, [encode(np.zeros(GREY, np.uint8))] * 2, [1, None])  # type: ignore[list-item]


def _a_struct_of_other_fields(path: Path) -> None:
    pq.write_table(pa.table({"image": [{"path": "a"}], "label": [1]}), path)


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _truncated_image(path: Path) -> None:
    write_parquet(path, [encode(np.zeros(GREY, np.uint8))[:40]], [1])


def _absent_image(path: Path) -> None:
    write_parquet(path, [None], [1])


def _larger_image(path: Path) -> None:
    write_parquet(path, [encode(np.zeros((1, 32, 32), np.uint8))], [1])


def _coloured_image(path: Path) -> None:
    write_parquet(path, [encode(np.zeros((3, 28, 28), np.uint8))], [1])


@pytest.mark.parametrize(
    "spoil",
    [
        _truncated,
        _text,
        _empty,
        _without_labels,
        _without_images,
        _impossible_label,
        _words_for_labels,
        _missing_label,
        _a_struct_of_other_fields,
        _a_folder,
        _truncated_image,
        _absent_image,
        _larger_image,
        _coloured_image,
    ],
)
def test_a_spoilt_file_is_named_in_one_sentence(spoil: Callable[[Path], None], tiny: Tiny, tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "train-0.parquet", [encode(x) for x in tiny.images[1]], tiny.labels[1])
    spoil(file)
    with pytest.raises(DataError) as caught:
        read_parquet([file], GREY, by_bytes=False)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
