"""How fast the derivatives are, beside those that a person would write and those of other tools: `python -m benchmarks`."""
