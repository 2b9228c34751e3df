"""`python -m tests.fuzz --minutes N`: random programs, for a while."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.fuzz.judge import CHECKPOINTS_ALONE, EVERYTHING, judge
from tests.fuzz.programs import ARRAYS, FUNCTIONS, MIXED, OBJECTS, SCALARS, WRITES
from tests.fuzz.run import minimal, run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tester; the exit code is 1 if a program went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, help="how long to go on (1 minute if --programs is not given either)")
    parser.add_argument("--programs", type=int, help="how many programs to try")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes to use (default: 1)")
    parser.add_argument("--seed", type=int, default=0, help="which programs (default: 0)")
    parser.add_argument("--checkpoints", action="store_true", help="compare all of them under every checkpoint")
    kinds = parser.add_mutually_exclusive_group()
    descriptions = {
        ARRAYS: "programs of arrays",
        WRITES: "programs that write to arrays",
        FUNCTIONS: "programs of functions and lists",
        OBJECTS: "programs of classes and generators",
        MIXED: "all in turn",
    }
    for kind, what in descriptions.items():
        kinds.add_argument(f"--{kind}", dest="kind", action="store_const", const=kind, help=what)
    parser.set_defaults(kind=SCALARS)
    options = parser.parse_args(argv)
    if options.minutes is None and options.programs is None:
        options.minutes = 1.0
    depth = CHECKPOINTS_ALONE if options.checkpoints else None
    tally = run(
        options.seed,
        options.kind,
        minutes=options.minutes,
        programs=options.programs,
        jobs=options.jobs,
        depth=depth,
    )
    print(tally.report())
    for reason, (number, program, verdict) in tally.smallest.items():
        small = minimal(program, verdict, depth=depth or EVERYTHING)
        again = judge(small, depth or EVERYTHING)
        print(f"\n--- wrong: {reason}\n--- seed {options.seed}, program {number}, reduced; f{small.args}")
        print(small.text)
        print("---", again.detail or verdict.detail)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
