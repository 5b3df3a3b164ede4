"""A criterion scores weights; higher is kept."""

from lth_lib.pruning.criteria.base import Criterion as Criterion
from lth_lib.pruning.criteria.base import Subject as Subject
from lth_lib.pruning.criteria.magnitude import Magnitude as Magnitude
from lth_lib.pruning.criteria.random import Random as Random
