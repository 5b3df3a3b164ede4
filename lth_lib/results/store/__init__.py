"""Results are kept under the digest of what made them."""

from lth_lib.environment import HERE as HERE
from lth_lib.results.store.files import check_writable as check_writable
from lth_lib.results.store.files import file_digest as file_digest
from lth_lib.results.store.files import read_json as read_json
from lth_lib.results.store.files import read_npz as read_npz
from lth_lib.results.store.files import to_npz as to_npz
from lth_lib.results.store.files import write_bytes as write_bytes
from lth_lib.results.store.files import write_folder as write_folder
from lth_lib.results.store.places import SUMS as SUMS
from lth_lib.results.store.places import Place as Place
from lth_lib.results.store.places import StoreError as StoreError
from lth_lib.results.store.places import discard as discard
from lth_lib.results.store.places import local as local
from lth_lib.results.store.places import names as names
from lth_lib.results.store.places import place as place
from lth_lib.results.store.places import place_of_file as place_of_file
from lth_lib.results.store.places import remove as remove
from lth_lib.results.store.places import set_aside as set_aside
from lth_lib.results.store.places import whole as whole
from lth_lib.results.store.result import MASK_BYTES as MASK_BYTES
from lth_lib.results.store.result import Result as Result
from lth_lib.results.store.result import Results as Results
from lth_lib.results.store.result import read_masks as read_masks
from lth_lib.results.store.store import Store as Store
from lth_lib.results.store.store import committed as committed
