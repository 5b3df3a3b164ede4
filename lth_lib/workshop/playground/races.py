"""Races of many seeds, which stand beside the reader's own: trained by the page's engine, judged by its digits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pandas as pd

from lth_lib.environment import HERE
from lth_lib.results.provenance import provenance
from lth_lib.results.store import StoreError, write_bytes
from lth_lib.spec import require
from lth_lib.training.recipe import Setting
from lth_lib.workshop.playground import page

FILE = HERE / "book" / "results" / "playground.json"

SEEDS = tuple(range(101, 113))
"""The page begins at 1, so a reader's races are others."""

RATES = (0.6e-3, 1.2e-3, 2.4e-3, 4.8e-3, 9.6e-3)
CHOOSING = tuple(range(201, 206))
"""On these seeds, and on digits that no race is judged on, each rate was tried."""

RACE = ["seed", "level", "kept", "name", "before", "early", "end"]
TRIAL = ["rate", "seed", "end"]

Rows = list[dict[str, Any]]
Engine = Callable[[dict[str, Any], int, Sequence[int]], Rows]
"""Takes what the page is given, a seed and levels; returns a row for each network that was trained."""


def stored() -> dict[str, Any]:
    """Return what is stored: trials of rates, races and their provenance; raises `StoreError` where there is none."""
    if not FILE.exists():
        raise StoreError(f"There are no races in {FILE}; `python -m lth_lib playground` trains them.")
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def going_on() -> tuple[Rows, Rows, float]:
    """Return the trials and races of the page's recipe, trials whatever the rate, and the seconds they took."""
    had, own = stored(), recipe()
    if had["recipe"] | {"rate": own["rate"]} != own:
        return [], [], 0.0
    return had["trials"], had["races"] if had["recipe"] == own else [], had["provenance"]["seconds"]


def trials(engine: Engine, had: Rows) -> Iterator[dict[str, Any]]:
    """Yield what the dense network reads of the other digits at the end, by rate and seed, where it is not known."""
    known = {(row["rate"], row["seed"]) for row in had}
    for rate in RATES:
        given = page.model(page.setting(rate), "valid")
        for seed in (seed for seed in CHOOSING if (rate, seed) not in known):
            [row] = engine(given, seed, ())
            yield {"rate": rate, "seed": seed, "end": row["end"]}


def best(rows: Rows) -> float:
    """Return the rate by which the most digits are read on average."""
    return float(pd.DataFrame(rows).groupby("rate")["end"].mean().idxmax())


def races(engine: Engine, given: Setting, had: Rows) -> Iterator[Rows]:
    """Yield the races of each seed that has none yet."""
    known, model = {row["seed"] for row in had}, page.model(given)
    for seed in (seed for seed in SEEDS if seed not in known):
        yield engine(model, seed, page.LEVELS)


def recipe() -> dict[str, Any]:
    """Return the recipe by which the page trains now; races of another are none of it."""
    return page.recipe(page.setting())


def check_rate(rows: Rows) -> None:
    """Raise `SpecError` unless the page trains by the best of the rates."""
    found = best(rows)
    require(found == page.RATE, f"RATE of the playground was {page.RATE}; of those tried {found} is best: set it.")


def write(trials: Rows, races: Rows, about: dict[str, Any]) -> None:
    """Write what is known so far, a row a line, so that two versions of it can be compared."""
    parts = {"provenance": json.dumps(about, indent=1, sort_keys=True)}
    parts |= {"recipe": json.dumps(recipe())}
    parts |= {"trials": _lines(trials, TRIAL), "races": _lines(races, RACE)}
    text = ",\n".join(f"{json.dumps(name)}: {part}" for name, part in parts.items())
    write_bytes(FILE, f"{{{text}}}\n".encode())


def _lines(rows: Rows, columns: list[str]) -> str:
    return "[\n" + ",\n".join(json.dumps({name: _short(row[name]) for name in columns}) for row in rows) + "\n]"


def _short(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def about(seconds: float, browser: str) -> dict[str, Any]:
    """Return the provenance of races: that of a result, and the engine and the browser that trained them."""
    own = {"browser": browser, "engine": hashlib.sha256(page.engine().encode()).hexdigest()[:12]}
    return provenance("cpu", page.setting().data.load().fingerprint, seconds) | own


def table(races: Rows) -> pd.DataFrame:
    """Return races as a tidy table: series, level, seed, density and the readings; copies keep a row each."""
    found = pd.DataFrame(races)
    whole = found.loc[found["level"] == 0, "kept"].iloc[0]
    return found.assign(series=found["name"].str.replace(r" \d+$", "", regex=True), density=found["kept"] / whole)


def ahead(races: Rows) -> list[dict[str, Any]]:
    """Return how far the ticket was ahead in each race: level, seed, and by the other's name early and at the end."""
    read = table(races).groupby(["level", "seed", "series"])[["early", "end"]].mean()
    dense = read.xs((0, "dense"), level=("level", "series"))
    out = []
    for (level, seed), own in read.drop(0, level="level").groupby(["level", "seed"]):
        each = own.droplevel(["level", "seed"])
        others = pd.concat([each.drop("winning ticket"), dense.loc[[seed]].set_axis(["dense"])])
        gain = (each.loc["winning ticket"] - others).round(6)
        out.append({"level": int(level), "seed": int(seed), "ahead": gain.to_dict("index")})
    return out
