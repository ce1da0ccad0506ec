"""Every speed figure of the documentation comes from here: `python -m benchmarks`."""
