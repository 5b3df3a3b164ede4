"""`playground` trains the races that stand beside a reader's own in the book's playground."""

from __future__ import annotations

import argparse
import time

from lth_lib.workshop.playground import browser, page, races


def run(given: argparse.Namespace) -> int:
    """Try the rates, then race each seed; write after each what is new, and leave what is known."""
    known = races.FILE.exists() and not given.anew
    trials, raced, before = races.going_on() if known else ([], [], 0.0)
    began = time.monotonic()
    with browser.opened() as engine:

        def write() -> None:
            races.write(trials, raced, races.about(before + time.monotonic() - began, engine.browser))

        for row in races.trials(engine, trials):
            trials.append(row)
            write()
        races.check_rate(trials)
        for rows in races.races(engine, page.setting(), raced):
            raced += rows
            write()
            print(f"Seed {rows[0]['seed']} has raced: {len(raced)} networks are in {races.FILE}.")
    return 0
