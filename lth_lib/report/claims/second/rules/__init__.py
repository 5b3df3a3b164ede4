"""The second edition of the rules: each is one value, from which come its sentence, its cells and its judgement."""

from lth_lib.report.claims.second.rules.after import one_shot_keeps, scratch_is_as_good
from lth_lib.report.claims.second.rules.before import densities_suffice, random_costs
from lth_lib.report.claims.second.rules.convolutional import CONV
from lth_lib.report.claims.second.rules.during import no_ticket
from lth_lib.report.claims.second.rules.lenet import BEATS_REINITIALISED, EARLIER_BY, EARLIEST, GAIN, RETURNS
from lth_lib.report.claims.second.rules.one_shot import ITERATIVE_WINS, ONE_SHOT_WINS
from lth_lib.report.claims.second.rules.scope import SCOPE
from lth_lib.report.claims.second.rules.tickets import generalise, match, worse
from lth_lib.report.claims.second.rules.ways import tickets_or_tuning

RULES = (
    match("fresh", "MNIST"),
    worse("fresh", "MNIST"),
    EARLIER_BY,
    EARLIEST,
    GAIN,
    RETURNS,
    BEATS_REINITIALISED,
    ITERATIVE_WINS,
    ONE_SHOT_WINS,
    generalise("fresh", "MNIST"),
    match("fashion", "Fashion-MNIST"),
    worse("fashion", "Fashion-MNIST"),
    generalise("fashion", "Fashion-MNIST"),
    SCOPE,
    CONV,
    tickets_or_tuning("ways", "MNIST"),
    tickets_or_tuning("ways-fashion", "Fashion-MNIST"),
    one_shot_keeps("after", "MNIST"),
    one_shot_keeps("after-fashion", "Fashion-MNIST"),
    random_costs("before", "MNIST"),
    random_costs("before-fashion", "Fashion-MNIST"),
    densities_suffice("before", "MNIST"),
    densities_suffice("before-fashion", "Fashion-MNIST"),
    no_ticket("during", "MNIST"),
    no_ticket("during-fashion", "Fashion-MNIST"),
    scratch_is_as_good("structure", "MNIST"),
    scratch_is_as_good("structure-fashion", "Fashion-MNIST"),
)
"""Every rule of the second edition, in the order of the scorecard."""
