"""A result is a function of a spec and is named by the spec's digest."""

from lth_lib.spec.errors import SpecError as SpecError
from lth_lib.spec.errors import refuse as refuse
from lth_lib.spec.errors import require as require
from lth_lib.spec.read import read as read
from lth_lib.spec.spec import Spec as Spec
from lth_lib.spec.spec import added as added
from lth_lib.spec.spec import canonical as canonical
from lth_lib.spec.spec import canonical_json as canonical_json
from lth_lib.spec.spec import json_digest as json_digest
from lth_lib.spec.spec import within as within
from lth_lib.spec.values import exact as exact
from lth_lib.spec.values import shown as shown
