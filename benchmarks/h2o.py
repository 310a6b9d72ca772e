"""H2O-3 3.46 over its REST API. It needs Java and was not run beside us: recorded once, on two cores (AMD EPYC)."""

from typing import Final

from benchmarks.peers import Told

NAME = "H2O-3 3.46, recorded"
BIG_CSV: Final = Told(NAME, 4.2, {})
"""CSV of 181 MB to fitted parameters."""
SMALL_JOB: Final = Told(NAME, 0.290, {})
"""CSV of 100 rows to fitted parameters, one client."""
IN_FLOW: Final = Told(NAME, 1 / 3.4, {})
"""One of many small jobs in flow."""
