"""Measurements by the client's clock, each against a goal or a peer; ``python -m benchmarks`` runs them all."""
