"""A data set comes from the folder that is named, else from the cache, else from its publisher."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from pathlib import Path

from lth_lib import environment
from lth_lib.data import cache, publisher
from lth_lib.data.examples import Both, DataError, one_line, read_parquet
from lth_lib.environment import left


@dataclass(frozen=True)
class Source:
    """What the files of one data set are called, and what they must hold.

    `folder` holds its Parquet files; `counts` and `contents` are of the training and of the test
    examples, `contents` None where only the publisher's own checksums are known; `published` is
    its name in torchvision, if it is there; `jpeg` says that its images are JPEG files.
    """

    name: str
    folder: str
    shape: tuple[int, int, int]
    counts: tuple[int, int]
    contents: tuple[str, str] | None
    published: str | None
    get: str
    jpeg: bool = False


def embedded(source: Source) -> Both:
    """Return a sample that is embedded in the package; it is decoded once."""
    root = package_files("lth_lib") / "samples"
    origin = _digest([file for part in _parquet_files(root, source) for file in part])
    return _kept(source, origin, lambda: _from_parquet(root, source))


def find(source: Source) -> Both:
    """Return a data set from the first source that has files of it."""
    root = _named_folder(source)
    origin = _digest(_files(root, source)) if root else None
    return _kept(source, origin, lambda: _from_folder(root, source) if root else _from_publisher(source))


def _kept(source: Source, origin: str | None, made: Callable[[], Both]) -> Both:
    """Return what the cache has of a data set, else what is made now, which it then has."""
    name = source.name.replace(" ", "-")
    known = cache.load(name, source.contents, origin)
    if known:
        return known
    both = made()
    cache.save(name, both, origin)
    return both


def _named_folder(source: Source) -> Path | None:
    """Return the folder that `LTH_DATA` names if it has anything of this data set."""
    named = environment.named("LTH_DATA")
    if not named:
        return None
    root = Path(named)
    if not root.is_dir():
        raise DataError(f"LTH_DATA names {root}, which is not a folder: it names the one that holds {source.folder}/.")
    return root if _files(root, source) else None


def _files(root: Path, source: Source) -> Sequence[Traversable]:
    """Return the files of a data set in a folder: the publisher's, else Parquet, else none."""
    own, folder = _published_files(root, source), root / source.folder
    if own or not folder.is_dir() or all(left(file.name) for file in folder.iterdir()):
        return own
    return [file for part in _parquet_files(root, source) for file in part]


def _published_files(root: Path, source: Source) -> list[Path]:
    return publisher.files(root, source.published, source.folder) if source.published else []


def _parquet_files(root: Traversable, source: Source) -> list[list[Traversable]]:
    """Return the Parquet files of the training and of the test examples."""
    parts = []
    for part in ("train", "test"):
        present = sorted((root / source.folder).iterdir(), key=lambda file: file.name)
        parts.append([file for file in present if file.name.startswith(part) and file.name.endswith(".parquet")])
        if not parts[-1]:
            raise DataError(
                f"{root / source.folder}/{part}-00000-of-00001.parquet, the {part} examples of {source.name}, "
                f"is missing: {source.get}."
            )
    return parts


def _digest(files: Sequence[Traversable]) -> str:
    """Return the SHA-256, as 64 hexadecimal digits, of the bytes of files."""
    whole = hashlib.sha256()
    for file in files:
        try:
            whole.update(hashlib.sha256(file.read_bytes()).digest())
        except OSError as error:
            raise DataError(f"{file} cannot be read ({one_line(error)}): make it a file that can be.") from error
    return whole.hexdigest()


def _from_folder(root: Path, source: Source) -> Both:
    """Read a data set from the files that a folder has of it."""
    own = _published_files(root, source)
    if not (source.published and own):
        return _from_parquet(root, source)
    where = own[0].parent
    try:
        both = publisher.read(root, source.published, source.folder)
    except Exception as error:  # torchvision raises whatever its parsing of a damaged file meets
        raise DataError(f"{where} is incomplete or damaged ({one_line(error)}): {source.get}.") from error
    return _checked(both, [str(where)] * 2, source)


def _from_parquet(root: Traversable, source: Source) -> Both:
    """Read a data set from the Parquet files of a folder."""
    if source.contents is None:
        raise DataError(
            f"{root / source.folder} holds Parquet files, which may be JPEG (the variant 'jpeg75') and for which no "
            f"fingerprint of the exact {source.folder} is known: {source.get}."
        )
    train, test = _parquet_files(root, source)
    both = tuple(read_parquet(part, source.shape, by_bytes=source.jpeg) for part in (train, test))
    return _checked((both[0], both[1]), [", ".join(map(str, part)) for part in (train, test)], source)


def _from_publisher(source: Source) -> Both:
    """Download a data set into a folder that is removed when it has been read, whole or not."""
    if source.published is None:
        raise DataError(
            f"{source.name} is neither in a folder that LTH_DATA names nor in the cache, and cannot be downloaded: "
            f"{source.get}."
        )
    with tempfile.TemporaryDirectory() as scratch:
        try:
            both = publisher.download(Path(scratch), source.published)
        except Exception as error:  # the network, the disk, a checksum: all mean the same to the reader
            raise DataError(
                f"{source.name} is neither in a folder that LTH_DATA names nor in the cache, and its download failed "
                f"({one_line(error)}): {source.get}; or choose the scale quick, whose data is embedded."
            ) from error
    return _checked(both, ["the download"] * 2, source)


def _checked(both: Both, where: Sequence[str], source: Source) -> Both:
    """Return both parts if they are the data set they should be; else raise, naming the file."""
    for i, part in enumerate(both):
        if len(part.labels) != source.counts[i]:
            raise DataError(
                f"{where[i]} holds {len(part.labels):,} examples where {source.counts[i]:,} of {source.name} "
                f"were expected: {source.get}."
            )
        if source.contents and part.content != source.contents[i]:
            raise DataError(
                f"{where[i]} holds other images or labels than {source.name}: its fingerprint is "
                f"{part.content[:12]}, {source.contents[i][:12]} was expected: {source.get}."
            )
    return both
