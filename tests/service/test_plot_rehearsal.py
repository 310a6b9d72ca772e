"""The server's first process has drawn a picture before it forks."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import os, sys
from service import gunicorn_config
gunicorn_config.on_starting(None)
before = set(sys.modules)

import numpy as np
from service.plot_canvas import Frame, render
from service.plot_curves import Curve, curves
from service.plot_drawing import picture
from service.plot_path import contours_and_path
x, frame = np.arange(1.0, 5.0), Frame("title")
for media in ("svg", "png"):
    render(lambda: curves(frame, [Curve("fast", x, 10.0 ** -x), Curve("slow", x, 1 / x)]), media)
    render(lambda: contours_and_path(frame, lambda points: points[0] * points[1], np.zeros((1, 2))), media)

print(sorted(name for name in before if name.startswith(("service.", "engine."))))
print(sorted(name for name in set(sys.modules) - before if name.startswith(("matplotlib", "contourpy", "PIL"))))
print(len(os.listdir(gunicorn_config._config.cache_dir / "matplotlib")))
"""


def test_the_first_picture_of_a_process_loads_nothing_of_matplotlib(tmp_path: Path) -> None:
    """Nor has the process that forks loaded code of ours that it does not need: a reload would not bring it anew."""
    environ = {"REDIS_URL": "redis://127.0.0.1:1/0", "THALWEG_CACHE_DIR": str(tmp_path), "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["['service.gunicorn_config', 'service.plot_rehearsal']", "[]", "1"]
