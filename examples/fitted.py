"""Print the parameters of a job with their standard errors: curl … | python3 examples/fitted.py reads it."""

import json
import sys

result = json.load(sys.stdin)["result"]
errors = result["standard_errors"] or {}
for name, value in result["parameters"].items():
    print(f"{name} = {value:.4g}" + (f" ± {errors[name]:.2g}" if name in errors else ""))
print(f"r2 = {result['metrics']['train']['r2']:.5f}")
