"""Gradient descent on arrays: pure functions that know nothing of HTTP, Redis or jobs."""
