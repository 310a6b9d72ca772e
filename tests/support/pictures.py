"""What stands in a picture: an SVG's texts and the vertices of its lines, a PNG's size."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: bytes) -> list[str]:
    """All that can be read in it, in order; well-formed, or an error."""
    return ["".join(part.strip() for part in text.itertext()) for text in _all(svg, "text")]


def title(svg: bytes) -> str:
    """What it says to who cannot see it."""
    return next("".join(title.itertext()) for title in _all(svg, "title"))


def hints(svg: bytes) -> dict[str, str]:
    """What is told of its curves and marks where the pointer is on one."""
    found = ((name, _group(svg, name).find(f"{SVG}title")) for name in marked(svg))
    return {name: title.text or "" for name, title in found if title is not None}


def is_logarithmic(svg: bytes) -> bool:
    """Whether its ticks are powers of ten: only these are set letter by letter."""
    return any(True for _ in _all(svg, "tspan"))


def marked(svg: bytes) -> list[str]:
    """The names of its curves and marks."""
    names = [group.get("id", "") for group in _all(svg, "g")]
    return [name for name in names if re.fullmatch(r"[a-z]+-\d+", name)]


def vertices(svg: bytes, name: str) -> list[tuple[float, float]]:
    """The vertices of a curve, in the units of the picture."""
    path = next((path.get("d", "") for path in _group(svg, name).iter(f"{SVG}path")), "")
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", path)]


def marks(svg: bytes, name: str) -> int:
    """How many marks stand for single points."""
    return sum(True for _ in _group(svg, name).iter(f"{SVG}use"))


def dashes(svg: bytes, name: str) -> str:
    """The dashes of a curve; empty for a solid one."""
    path = next(_group(svg, name).iter(f"{SVG}path"))
    found = re.search(r"stroke-dasharray: ([^;]+)", path.get("style", ""))
    return found[1] if found else ""


def look(svg: bytes, name: str) -> tuple[str, str]:
    """Colour and dashes of a curve, and the shape of its marks; empty where it has none."""
    group = _group(svg, name)
    line, mark = next(group.iter(f"{SVG}path")), next(group.iter(f"{SVG}use"), None)
    outlines = {f"#{path.get('id')}": path.get("d", "") for path in _all(svg, "path") if path.get("id")}
    href = "" if mark is None else mark.get("{http://www.w3.org/1999/xlink}href", "")
    return line.get("style", ""), outlines.get(href, "")


def size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG that can be decoded."""
    with Image.open(BytesIO(png)) as image:
        image.load()
        width, height = image.size
    return width, height


def _group(svg: bytes, name: str) -> ET.Element:
    return next(group for group in _all(svg, "g") if group.get("id") == name)


def _all(svg: bytes, tag: str) -> Iterator[ET.Element]:
    return ET.fromstring(svg).iter(f"{SVG}{tag}")  # noqa: S314 - it is our own picture
