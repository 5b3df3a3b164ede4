"""What is stored is read again as it was written, and found by what made it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from kept import DENSE, TICKET, metrics, of_masks, some_masks, write
from tiny import ABOUT

from lth_lib.experiments.run import Dense
from lth_lib.experiments.studies import shuffled
from lth_lib.results.store import Store, StoreError
from lth_lib.spec import canonical_json


def test_what_is_written_is_read_again(store: Store) -> None:
    folder, masks = write(store), some_masks()
    result = store.read(TICKET)
    assert store.has(TICKET)
    assert not store.has(DENSE)
    wanted = of_masks(masks)
    assert result.metrics.keys() == wanted.keys()
    assert all(np.array_equal(result.metrics[name], value) for name, value in wanted.items())
    assert tiny.same_tree(result.masks or {}, masks)
    assert result.provenance == ABOUT
    assert (folder / "spec.json").read_text() == canonical_json(TICKET)
    assert store.verify() == []


def test_a_run_without_masks_has_none(store: Store) -> None:
    store.write(DENSE, metrics(), None, ABOUT)
    assert store.read(DENSE).masks is None
    assert store.verify() == []


def test_a_run_that_is_not_stored_is_named(store: Store) -> None:
    assert list(store.folders()) == store.verify() == []
    with pytest.raises(StoreError, match=TICKET.digest):
        store.read(TICKET)


def test_a_result_is_found_by_the_beginning_of_its_digest(store: Store) -> None:
    folder = write(store)
    assert store.find(TICKET.digest) == store.find(TICKET.digest[:6]) == folder


def test_a_digest_that_is_unknown_or_ambiguous_is_named(store: Store) -> None:
    write(store)
    with pytest.raises(StoreError, match=r"'xyz'; no result begins so"):
        store.find("xyz")
    store.write(DENSE, metrics(), None, ABOUT)
    with pytest.raises(StoreError, match=r"''; 2 results begin so"):
        store.find("")


def test_masks_are_found_by_their_spec(store: Store) -> None:
    assert store.find_masks(TICKET.ticket.masks) is None
    write(store)
    assert tiny.same_tree(store.find_masks(TICKET.ticket.masks) or {}, some_masks())
    assert store.find_masks(Dense()) is None
    assert store.find_masks(shuffled(TICKET).ticket.masks) is None
    masks = TICKET.ticket.masks
    assert store.find_masks(replace(masks, rate=0.4)) is None  # type: ignore[type-var]


def test_what_was_looked_at_is_not_looked_at_again(in_folder: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write(in_folder)
    other = replace(TICKET.ticket.masks, rate=0.4)  # type: ignore[type-var]
    assert in_folder.find_masks(other) is None
    with monkeypatch.context() as closed:
        for ask in ("is_dir", "exists", "stat", "read_text", "read_bytes"):
            closed.setattr(Path, ask, lambda path: pytest.fail(f"{path} is asked again"))
        assert in_folder.find_masks(other) is None
    in_folder.write(replace(TICKET, order="a"), of_masks(some_masks(0.4)), some_masks(0.4), {})
    assert set(in_folder.holders().values()) == {min(TICKET.digest, replace(TICKET, order="a").digest)}


@pytest.mark.parametrize("spec", ['{"ticket": {"masks": NaN}}', '{"ticket": 3}', "[]", "{"])
def test_a_spec_that_makes_no_sense_is_not_looked_for(spec: str, in_folder: Store) -> None:
    folder = write(in_folder)
    (folder / "spec.json").write_text(spec)
    assert in_folder.holders() == {}
