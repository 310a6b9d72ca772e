"""Call a function of a script beside this file with JSON arguments, and print its answer as one line of JSON.

    python run.py SCRIPT FUNCTION '{"folder": "…"}'

The exit status is 3 where a library that the script imports is not installed.
"""

import importlib
import json
import sys

NOT_INSTALLED = 3


def main(script: str, function: str, arguments: str) -> int:
    """Print what the function answers, and the script's NAME."""
    try:
        module = importlib.import_module(script)
    except ModuleNotFoundError as error:
        if error.name == script:
            raise
        return NOT_INSTALLED
    print(json.dumps({"name": module.NAME, **getattr(module, function)(**json.loads(arguments))}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
