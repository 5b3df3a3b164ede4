"""A criterion scores weights; higher is kept."""

from lth_lib.pruning.criteria.base import Criterion as Criterion
from lth_lib.pruning.criteria.base import Probe as Probe
from lth_lib.pruning.criteria.base import Subject as Subject
from lth_lib.pruning.criteria.batch import OnBatch as OnBatch
from lth_lib.pruning.criteria.grasp import GraSP as GraSP
from lth_lib.pruning.criteria.inverted import Inverted as Inverted
from lth_lib.pruning.criteria.magnitude import Magnitude as Magnitude
from lth_lib.pruning.criteria.median import GeometricMedian as GeometricMedian
from lth_lib.pruning.criteria.obd import OBD as OBD
from lth_lib.pruning.criteria.obs import OBS as OBS
from lth_lib.pruning.criteria.random import Random as Random
from lth_lib.pruning.criteria.slimming import Slimming as Slimming
from lth_lib.pruning.criteria.snip import SNIP as SNIP
from lth_lib.pruning.criteria.solver import Solver as Solver
from lth_lib.pruning.criteria.sparsegpt import SparseGPT as SparseGPT
from lth_lib.pruning.criteria.squared import Squared as Squared
from lth_lib.pruning.criteria.synflow import SynFlow as SynFlow
from lth_lib.pruning.criteria.taylor import Taylor as Taylor
from lth_lib.pruning.criteria.wanda import Wanda as Wanda
