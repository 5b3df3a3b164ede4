"""What is stored fits its spec: names, shapes, steps, ranges, masks and provenance, as far as the spec tells."""

from lth_lib.results.store.check.answers import check_answer as check_answer
from lth_lib.results.store.check.made import MADE as MADE
from lth_lib.results.store.check.made import check_provenance as check_provenance
from lth_lib.results.store.check.runs import check_held as check_held
from lth_lib.results.store.check.runs import check_run as check_run
