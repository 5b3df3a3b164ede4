"""What a finished run can be asked."""

from lth_lib.experiments.measure.barrier import Barrier as Barrier
from lth_lib.experiments.measure.base import Found as Found
from lth_lib.experiments.measure.base import Measurement as Measurement
from lth_lib.experiments.measure.connected import Connected as Connected
from lth_lib.experiments.measure.connected import connected as connected
from lth_lib.experiments.measure.kept import InitialValues as InitialValues
from lth_lib.experiments.measure.kept import InputConnections as InputConnections
from lth_lib.experiments.measure.norms import NormScales as NormScales
from lth_lib.experiments.measure.units import UnitWeights as UnitWeights
