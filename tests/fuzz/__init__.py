"""Random programs against the engine: right or refused, never wrong.

`generate` writes programs as source text, `judge` differentiates one and says how it went, `reduce` makes a failing
program small, `faults` breaks the engine on purpose to test the tester.  `python -m tests.fuzz --minutes N` runs it for
a while.
"""
