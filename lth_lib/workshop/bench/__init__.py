"""How fast a machine trains tickets, against its own limit and against what people use."""

from lth_lib.workshop.bench.report import FOLDER as FOLDER
from lth_lib.workshop.bench.report import FORMER as FORMER
from lth_lib.workshop.bench.report import bench as bench
from lth_lib.workshop.bench.report import committed as committed
from lth_lib.workshop.bench.report import lines as lines
from lth_lib.workshop.bench.report import read_tables as read_tables
from lth_lib.workshop.bench.report import write_tables as write_tables
from lth_lib.workshop.bench.subjects import NETWORKS as NETWORKS
from lth_lib.workshop.bench.tables import LEVELS as LEVELS
from lth_lib.workshop.bench.tables import TABLES as TABLES
