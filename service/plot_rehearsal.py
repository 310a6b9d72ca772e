"""A picture that the server draws before it forks: its processes share what that loads, and their first one is quick.

Only matplotlib is loaded here, and none of our code, which a server that is told to reload reads anew in its processes.
"""

import os
from io import BytesIO
from pathlib import Path


def rehearse_picture(folder: Path) -> None:
    """Load matplotlib, which keeps its list of fonts in this folder, and draw some of everything."""
    # A service has no home, and may write into few places.
    os.environ.setdefault("MPLCONFIGDIR", str(folder))
    from matplotlib import rcdefaults
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    rcdefaults()  # whatever file of settings this machine has
    figure = Figure()
    axes = figure.add_subplot(yscale="log")
    axes.plot([1, 2], [1, 100], label="curve")
    axes.legend()
    figure.colorbar(axes.contourf([[1, 2], [2, 3]]))
    FigureCanvasSVG(figure).print_svg(BytesIO())  # type: ignore[no-untyped-call]
    FigureCanvasAgg(figure).print_png(BytesIO())  # type: ignore[no-untyped-call]
