"""The API's memory while it takes in a CSV of 20 MB and one of 1 GB, raw and as a form.

    python -m benchmarks.upload_memory

Each upload meets a fresh API process that has taken in one small file. Memory is the peak of its anonymous memory
(``RssAnon``): mapped files are the system's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from benchmarks.client import connect, read_answer, send_file
from benchmarks.csv_reading import SHAPES, generate
from benchmarks.installation import installation, serving
from benchmarks.table import Row, at_most, print_table

SMALL, LARGE = "20 MB", "1 GB"
FILES = {**{name: SHAPES[name] for name in ("small", SMALL)}, LARGE: (5_000_000, 23)}
GOAL = 50.0
EVERY = 0.01
ANONYMOUS = re.compile(r"RssAnon:\s+(\d+) kB")


def measure() -> list[Row]:
    """Peaks for the small and the large file, and how far they are apart."""
    with TemporaryDirectory(prefix="thalweg-benchmark-") as folder:
        files = {name: generate(Path(folder, f"{name}.csv"), *shape) for name, shape in FILES.items()}
        return [row for form in (False, True) for row in _rows(files, form=form)]


def _rows(files: dict[str, Path], *, form: bool) -> list[Row]:
    way = "as a form" if form else "raw"
    small, large = (peak(files["small"], files[name], form=form) for name in (SMALL, LARGE))
    size = files[LARGE].stat().st_size / 1e9
    return [
        Row(f"API's peak memory, {SMALL} {way}", f"{small:.0f} MiB"),
        Row(f"API's peak memory, {size:.2f} GB {way}", f"{large:.0f} MiB"),
        at_most("  more by", large - small, GOAL, "MiB"),
    ]


def peak(small: Path, path: Path, *, form: bool) -> float:
    """Peak anonymous MiB of an API process that takes in this file, after a small one."""
    with installation(workers=0, processes=1) as found, connect(found.port) as sock:
        send_file(sock, "/v1/datasets", small, form=form)
        read_answer(sock, 201)
        with watched(serving(found).pid) as seen:
            send_file(sock, "/v1/datasets", path, form=form)
            read_answer(sock, 201)
    return max(seen)


@contextmanager
def watched(pid: int) -> Iterator[list[float]]:
    """The anonymous MiB of a process, looked at every ten milliseconds while the block runs."""
    done, seen = Event(), [_anonymous(pid)]

    def watch() -> None:
        while not done.wait(EVERY):
            seen.append(_anonymous(pid))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def _anonymous(pid: int) -> float:
    found = ANONYMOUS.search(Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    print_table(measure())
