"""Compiled steps for batches so small that NumPy's cost per call would dominate; only workers import this package."""
