"""Transcripts in Markdown: run the commands of ``console`` blocks and compare what they print.

Ids, times, durations and process names differ from run to run and are masked; numbers are compared as numbers, since
the last digits of a sum depend on the processor.
"""

import math
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import requests

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
MASKS = [
    (re.compile(r"\b(job|ds|sweep)_[a-z2-7]{26}\b"), r"\1_ID"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r'("(?:duration_seconds|eta_seconds|seconds_to_target)": ?)[\d.e+-]+'), r"\1SECONDS"),
    (re.compile(r'("(?:worker|id|host)": ?)"[\w.-]+(?::\d+)?"'), r'\1"WORKER"'),
    (re.compile(r'("pid": ?)\d+'), r"\1PID"),
    (re.compile(r'("next": ?)"\d+"'), r'\1"CURSOR"'),
    (re.compile(r'("request_id": ?)"\w+"'), r'\1"REQUEST"'),
    (re.compile(r'("seconds": ?)\[[^\]]*\]'), r"\1[SECONDS]"),
    (re.compile(r"^(\d+(?:,[^,\n]*){4}),[\d.e+-]+((?:,[^,\n]*){3,})$", re.MULTILINE), r"\1,SECONDS\2"),
]
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])")
PICTURE = re.compile(r" > ([\w./-]+\.(?:svg|png))$")


class Command(NamedTuple):
    """A command line of a transcript and what it printed."""

    line: str
    output: str


def commands(markdown: str) -> list[Command]:
    """The commands of all ``console`` blocks, in order; one starts with ``$ `` and may go on after a backslash."""
    return [command for block in BLOCK.findall(markdown) for command in sessions(block)]


def sessions(block: str) -> list[Command]:
    """The commands of one block."""
    found = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line = re.match(r"(?:.*\\\n)*.*", part)
        assert line is not None
        found.append(Command(line[0], part[line.end() :]))
    return found


def rewritten(markdown: str, now: Sequence[Command]) -> str:
    """The text with these commands and outputs in place of those that stand there, one for one."""
    given = iter(now)
    return BLOCK.sub(
        lambda block: f"```console\n{''.join(_shown(next(given)) for _ in sessions(block[1]))}```", markdown
    )


def _shown(command: Command) -> str:
    end = "" if command.output.endswith("\n") or not command.output else "\n"
    return f"$ {command.line}\n{command.output}{end}"


def run(line: str, folder: Path, *, write: bool = False) -> str:
    """What a command prints; curl is played by requests where a machine has none.

    What it would write to a picture's file must be a picture, and is not printed. One that is kept in ``docs/`` must be
    the same picture, or with ``write`` takes its place.
    """
    if found := PICTURE.search(line):
        return _pictured(line[: found.start()], folder / found[1], folder, write=write)
    if line.startswith("curl") and not shutil.which("curl"):
        played, _, rest = line.partition(" | ")
        printed = curl(shlex.split(played.replace("\\\n", " "))[1:], folder)
        return _shell(rest, folder, printed) if rest else printed
    return _shell(line, folder)


def _pictured(line: str, file: Path, folder: Path, *, write: bool) -> str:
    if file.suffix == ".png":
        assert run(f"{line} -o /dev/null -w '%{{content_type}}'", folder) == "image/png", line
        return ""
    picture = run(line, folder)
    assert "<svg" in picture, picture
    if folder / "docs" in file.parents:
        if write:
            file.write_text(picture)
        # By half a pixel at most: the last digits of a fit are the processor's.
        assert same(file.read_text(), picture, tolerance=1e-3, nearly=0.5), f"{file.name} is another picture now"
    return ""


def _shell(line: str, folder: Path, given: str | None = None) -> str:
    words = ["bash", "-c", line]
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=90, check=True, input=given)
    return ended.stdout


def curl(words: list[str], folder: Path) -> str:
    """The few of curl's options that the documentation uses."""
    method, headers, parts, body, url, written = "GET", {}, {}, None, "", ""
    given = iter(words)
    for word in given:
        if word == "-F":
            name, value = next(given).split("=", 1)
            parts[name] = _part(value, folder)
        elif word in ("--json", "--data-binary"):
            text = next(given)
            body = (folder / text[1:]).read_bytes() if text[0] == "@" else text.encode()
            headers |= {"Content-Type": "application/json"} if word == "--json" else {}
        elif word == "-H":
            name, value = next(given).split(": ", 1)
            headers[name] = value
        elif word == "-X":
            method = next(given)
        elif word == "-o":
            next(given)
        elif word == "-w":
            written = next(given)
        elif not word.startswith("-"):
            url = word if "://" in word else f"http://{word}"
    method = "POST" if parts or body is not None else method
    answer = requests.request(method, url, headers=headers, files=parts or None, data=body, timeout=90)
    known = {"%{http_code}": str(answer.status_code), "%{content_type}": answer.headers.get("Content-Type", "")}
    return re.sub(r"%\{\w+\}", lambda name: known[name[0]], written) if written else answer.text


def _part(value: str, folder: Path) -> tuple[str | None, str | bytes]:
    """Of a form: a file with its name after ``@``, what a file says after ``<``, else the text itself."""
    if value[0] == "@":
        return value[1:], (folder / value[1:]).read_bytes()
    return None, (folder / value[1:]).read_text() if value[0] == "<" else value


def masked(text: str) -> str:
    """The text without what no two runs share."""
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text.strip()


def same(expected: str, found: str, tolerance: float = 1e-6, nearly: float = 1e-9) -> bool:
    """Whether two outputs agree but for masked places and the last digits of numbers."""
    expected, found = masked(expected), masked(found)
    if NUMBER.sub("N", expected) != NUMBER.sub("N", found):
        return False
    pairs = zip(NUMBER.findall(expected), NUMBER.findall(found), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=tolerance, abs_tol=nearly) for a, b in pairs)
