"""Benchmarks: our path beside bare loops that do the same work, on one machine, in one run."""
