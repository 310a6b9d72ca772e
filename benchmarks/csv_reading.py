"""A CSV to a dataset file, side by side with whole-file readers (pyarrow, pandas, NumPy), which keep it in memory.

    python -m benchmarks.csv_reading

Every round reads the same generated files from the page cache; the best round counts. NumPy reads the large file of
numbers only, for it is slow. Memory is the peak anonymous memory of a process of its own.
"""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import numpy as np
import pyarrow as pa
from pyarrow import csv

from benchmarks.peers import Told, ask, beside, seconds
from benchmarks.table import Row, at_least, at_most, print_table
from contract.config import read_config
from service.csv_options import CsvLimits, CsvOptions
from service.csv_reader import read_csv

ROUNDS, ROUNDS_OF_SMALL, SMALL = 3, 100, 0.1
MB = 1e6
GOAL, GOAL_OF_MEMORY = 150, 200
SHAPES = {
    "small": (100, 5),
    "20 MB": (110_000, 21),
    "181 MB": (1_000_000, 21),
    "10,000 columns": (1000, 10_000),
    "5,000,000 rows": (5_000_000, 20),
}
TEXTS = 500_000


def measure() -> list[Row]:
    """Speed beside the peers, then our memory."""
    with TemporaryDirectory() as folder:
        files = {name: generate(Path(folder, f"{name}.csv"), *shape) for name, shape in SHAPES.items()}
        files["quoted texts"] = generate_texts(Path(folder, "texts.csv"))
        names = ("small", "181 MB", "10,000 columns", "5,000,000 rows", "quoted texts")
        rows = [row for name in names for row in compare(name, files[name])]
        return rows + [_memory(name, files[name]) for name in ("20 MB", "10,000 columns", "5,000,000 rows")]


def _memory(name: str, path: Path) -> Row:
    ours(path)
    return at_most(f"CSV reader's peak memory, {name}", peak_memory(path), GOAL_OF_MEMORY, "MiB")


def generate(path: Path, rows: int, columns: int) -> Path:
    """A CSV of normal numbers, about eight bytes a cell, written block by block."""
    rng = np.random.default_rng(0)
    schema = pa.schema([(f"x{k}", pa.float64()) for k in range(columns)])
    with csv.CSVWriter(path, schema) as writer:
        for start in range(0, rows, 100_000):
            shape = columns, min(100_000, rows - start)
            writer.write_batch(pa.RecordBatch.from_arrays(list(rng.normal(size=shape).round(5)), schema=schema))
    return path


def generate_texts(path: Path) -> Path:
    """A CSV of a number, a quoted category with quotes inside, a sentence that differs in every row, and an id."""
    rng = np.random.default_rng(0)
    kinds = np.array(['the "best" plum', "green, pear", "kiwi"])[rng.integers(3, size=TEXTS)]
    notes = [f'note {k}: "{value:.6f}", said the meter' for k, value in enumerate(rng.normal(size=TEXTS))]
    table = {"x": rng.normal(size=TEXTS).round(5), "kind": kinds, "note": notes, "id": np.arange(TEXTS).astype(str)}
    csv.write_csv(pa.table(table), path)
    return path


def compare(name: str, path: Path) -> Iterator[Row]:
    """Our speed and one line for each peer."""
    size, mine = path.stat().st_size / MB, best(lambda: ours(path))
    work = f"CSV to dataset file, {name} ({size:.3g} MB)"
    yield at_least(work, size / mine, GOAL, "MB/s") if mine > SMALL else Row(work, seconds(mine))
    for peer, told in peers(name, path):
        yield beside("  whole file in memory", mine, peer, told)


def peers(name: str, path: Path) -> Iterator[tuple[str, Told | None]]:
    """The readers with their names; None for one that is not installed."""
    yield "pyarrow", Told(f"pyarrow {pa.__version__}", best(lambda: csv.read_csv(path)), {})
    rounds = ROUNDS_OF_SMALL if path.stat().st_size < MB else ROUNDS
    yield "pandas", ask("pandas_csv", "read", path=str(path), rounds=rounds)
    if name == "181 MB":
        yield "NumPy", Told(f"NumPy {np.__version__}", best(lambda: np.loadtxt(path, delimiter=",", skiprows=1)), {})


def ours(path: Path) -> None:
    """Read a CSV into a dataset file and delete it; a new file each time, as in the service."""
    target = path.with_suffix(".arrow")
    with path.open("rb") as source:
        read_csv(source, CsvOptions(), CsvLimits.of(read_config()), target)
    target.unlink()


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest round; small work has more rounds."""
    first = _timed(work)
    return min(_timed(work) for _ in range(ROUNDS if first > SMALL else ROUNDS_OF_SMALL))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_memory(path: Path) -> float:
    """Peak anonymous MiB of a fresh process that reads this file."""
    command = [sys.executable, "-m", "benchmarks.csv_reading", str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def print_peak(path: Path) -> None:
    """What the fresh process does."""
    done, seen = Event(), [0.0]
    watcher = Thread(target=_watch, args=(done, seen))
    watcher.start()
    ours(path)
    done.set()
    watcher.join()
    print(max(seen))


def _watch(done: Event, seen: list[float]) -> None:
    while not done.wait(0.005):
        kib = re.search(r"RssAnon:\s+(\d+)", Path("/proc/self/status").read_text())
        seen.append(int(kib[1]) / 1024 if kib else 0.0)


if __name__ == "__main__":
    print_peak(Path(sys.argv[1])) if len(sys.argv) > 1 else print_table(measure())
