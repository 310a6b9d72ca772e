"""The API has read a CSV before it serves."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import io, os, sys
from pathlib import Path
from contract.config import read_config
from service.app import rehearse
from service.csv_options import CsvLimits, CsvOptions
from service.csv_reader import read_csv

config = read_config()
config.datasets_dir.mkdir(parents=True)
rehearse(config)
before = set(sys.modules)
data = b"a,b,c\\n1,x,2\\n3,y,\\n5,,6\\n"
read_csv(io.BytesIO(data), CsvOptions(), CsvLimits.of(config), Path(sys.argv[1], "cells"))
print(sorted(set(sys.modules) - before), os.listdir(config.datasets_dir))
"""


def test_after_the_rehearsal_no_upload_imports_anything(tmp_path: Path) -> None:
    """What the first upload needs is there already, and no file is left of it."""
    environ = {"REDIS_URL": "redis://127.0.0.1:1/0", "THALWEG_DATA_DIR": str(tmp_path / "data"), "PATH": ""}
    words = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[] []"
