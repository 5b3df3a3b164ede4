"""A dynamics replaces masks while training."""

from lth_lib.pruning.dynamics.base import Dynamics as Dynamics
from lth_lib.pruning.dynamics.gradual import Gradual as Gradual
