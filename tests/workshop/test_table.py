"""Whatever is stored can be had as one table."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny
from pandas.testing import assert_frame_equal, assert_series_equal
from tiny import SEEDS, setting
from upath import UPath

import lth_lib.__main__ as app
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import Entry, Study, imp, lenet, reinitialised, shuffled
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.report.stats import COLUMNS, tidy
from lth_lib.results.compute import compute
from lth_lib.results.store import Store
from lth_lib.workshop import table as one

RUNS = imp(setting(steps=40, segment=2, test_every=2), Pruner(), Geometric(0.5, 2), seeds=SEEDS)
LOOSE = Run(lenet("quick"), until=50, seeds=(7, 8))  # of the library's classes alone, so that its spec can be read


def study(*runs: Run) -> Study:
    made = Study(("dense", "winning ticket", "re-initialised", "shuffled mask"))
    made.ladder(runs)
    return made


def whole() -> Study:
    made = study(*RUNS)
    made.controls(RUNS[2:])
    return made


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store in which a study is trained, and a run of none."""
    store = tiny.store(tmp_path_factory.mktemp("filled"))
    compute([*whole().runs, *whole().questions, LOOSE], store, train=True, progress=False)
    return store


@pytest.fixture
def store(filled: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return it as the book's, with two studies, one a part of the other and the other a scale of its own."""
    monkeypatch.setenv("LTH_RESULTS", str(filled.results))
    both = [
        Entry("all", "?", lambda scale: whole(), 1.0, ("paper",)),
        Entry("part", "?", lambda scale: study(RUNS[0]), 1.0, ("paper", "quick")),
    ]
    monkeypatch.setattr(one, "ALL", tuple(both))
    return filled


def test_both_files_have_the_same_rows(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / name for name in ("t.csv", "deep/t.PARQUET")]
    for file in files:
        assert app.main(["table", str(file)]) == 0
        assert capsys.readouterr().out == f"23 rows of 6 runs, {len(COLUMNS)} columns, are in {file}.\n"
    files[0].write_text("an older one")
    assert app.main(["table", str(files[0])]) == 0, "a table takes the place of an older one"
    csv, parquet = pd.read_csv(files[0]), pd.read_parquet(files[1])
    assert list(csv.columns) == list(COLUMNS)
    assert csv["digest"].tolist() == parquet["digest"].tolist()
    for name in ("level", "cost", "accuracy_at_end", "censored", "iterations_to_dense"):
        assert_series_equal(csv[name], parquet[name], check_dtype=False)


def test_a_run_has_a_row_in_each_study_and_scale(store: Store) -> None:
    table, unread = one.one_table(store)
    assert unread == []
    rows = table[table["digest"] == RUNS[0].digest].groupby(["study", "scale"]).size()
    assert rows.to_dict() == {("all", "paper"): 3, ("part", "paper"): 3, ("part", "quick"): 3}
    loose = table[table["digest"] == LOOSE.digest]
    assert loose[["study", "scale", "series"]].drop_duplicates().to_numpy().tolist() == [["", "", ""]]
    assert loose["seed"].tolist() == [7, 8]


def test_every_column_has_values_and_every_empty_cell_that_may_be_empty_a_reason(store: Store) -> None:
    table, _ = one.one_table(store)
    empty = [name for name in COLUMNS if (table[name].isna() | (table[name].astype(str) == "")).all()]
    assert empty == ["collapsed", "empty_layers"], (
        "nothing is promised that cannot be had; and no layer of these has lost all"
    )
    unexplained = table[(table["reason"] == "") & table.drop(columns="iterations_to_dense").isna().any(axis=1)]
    assert unexplained.empty


def test_a_chapter_reads_the_same_rows(store: Store) -> None:
    made = whole()
    groups = made.found(compute(made.runs, store))
    own = tidy(groups, dense=groups["dense"][0])
    table = one.one_table(store)[0].query("study == 'all'").drop(columns=["study", "scale"])
    assert_frame_equal(table[own.columns], own, check_dtype=False)


def test_costs_and_densities_are_those_of_the_trainings(store: Store) -> None:
    table = one.one_table(store)[0].query("study == 'all'").set_index(["series", "level", "seed"]).sort_index()
    density = {run: store.read(run).metrics["density"][-1] for run in RUNS}
    assert np.allclose(table.loc[("winning ticket", 2), "cost"], 40 * sum(density[run] for run in RUNS))
    again = 40 * (1 + density[RUNS[1]] + 2 * density[RUNS[2]])
    assert set(reinitialised(RUNS[2]).ancestors()) == set(RUNS[:2]), "the control needs its ticket's masks, not its end"
    assert np.allclose(table.loc[("shuffled mask", 2), "cost"], again - 40 * density[RUNS[2]])
    assert np.array_equal(table.loc[("shuffled mask", 2), "density"], density[RUNS[2]])
    assert shuffled(RUNS[2]).digest in set(table["digest"])


def test_where_the_dense_run_is_not_stored_there_is_none_to_reach(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = (("some", study(*RUNS[1:])), ("other", study(RUNS[0])))
    monkeypatch.setattr(one, "ALL", tuple(Entry(n, "?", lambda _, s=s: s, 1.0, ("paper",)) for n, s in entries))
    table = one.one_table(store)[0].query("study == 'some'")
    assert table["iterations_to_dense"].isna().all()
    assert table["cost"].notna().all()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["table.xlsx"], "table.xlsx'; give a name that ends in .csv or .parquet."),
        (["table"], "table'; give a name"),
        ([], "There is no file to write"),
    ],
)
def test_a_file_of_another_ending_is_refused(
    arguments: list[str], says: str, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(one, "one_table")
    assert app.main(["table", *arguments]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_a_table_can_be_written_anew(
    name: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text("what was there before")
    for _ in range(2):
        assert app.main(["table", name]) == 0, capsys.readouterr().err
    read = pd.read_csv if name.endswith("csv") else pd.read_parquet
    assert len(read(name)) == 23


def test_a_folder_is_no_file_to_write(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deep.csv").mkdir()
    assert app.main(["table", str(tmp_path / "deep.csv")]) == 2
    assert "deep.csv' names a folder, and a file is to be written" in capsys.readouterr().err
    (tmp_path / "file").touch()
    assert app.main(["table", str(tmp_path / "file" / "t.csv")]) == 2
    assert f"{tmp_path / 'file'} is no folder" in capsys.readouterr().err


def test_a_table_may_go_to_a_url(store: Store, tmp_path: Path) -> None:
    name = f"memory://tables{tmp_path}/t.csv"
    assert app.main(["table", name]) == 0
    assert len(pd.read_csv(io.BytesIO(UPath(name).read_bytes()))) == 23


def test_where_nothing_is_stored_no_file_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.committed(tmp_path, monkeypatch)
    assert app.main(["table", str(tmp_path / "t.csv")]) == 2
    assert "There is nothing to tabulate" in capsys.readouterr().err
    assert not (tmp_path / "t.csv").exists()


def test_what_cannot_be_read_is_named(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(one, "stored", lambda store, known: ({RUNS[0].digest: RUNS[0]}, ["0123456789abcdef"]))
    assert app.main(["table", str(tmp_path / "t.csv")]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("classes of your own): 0123456789ab.")


def test_the_dictionary_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["table", "--columns"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(COLUMNS)
