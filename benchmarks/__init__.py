"""How fast derivatives are, beside those written by hand and those of other tools: `python -m benchmarks`."""
