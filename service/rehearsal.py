"""A small CSV that the API reads for itself before it serves: the first upload then finds everything loaded.

Parts of NumPy and Arrow are imported or set up at their first use, which took the first upload some 40 ms.
"""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from contract.config import Config
from service.csv_options import CsvLimits, CsvOptions
from service.csv_reader import read_csv

CSV = b"x,colour,y\n1,red,2.5\n2,,3.5\n,blue,1e3\n"


def rehearse(config: Config) -> None:
    """Read it to a dataset file, which goes with its folder."""
    with TemporaryDirectory(prefix="thalweg-rehearsal-") as name:
        read_csv(BytesIO(CSV), CsvOptions(), CsvLimits.of(config), Path(name, "cells"))
