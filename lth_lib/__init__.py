"""The library of an executable book on the Lottery Ticket Hypothesis."""

import os

# Threads of OpenMP that wait for each other spin, for long by default: where another process needs the core, a product
# of small matrices then takes up to twenty times as long. They spin briefly, which costs nothing where nobody waits.
# OpenMP reads this when torch is loaded, which is after this file.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
