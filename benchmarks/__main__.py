"""Measure everything and print it as Markdown: `python -m benchmarks`, a minute or two."""

from __future__ import annotations

import argparse
import os
import sys

# glibc gives large blocks back to the system, or keeps them, by what happened before: the same code then takes a time
# of its own in each process. These, which it reads when a process starts, let it keep them.
_KEEPING = {"MALLOC_TRIM_THRESHOLD_": "1000000000", "MALLOC_MMAP_THRESHOLD_": "1000000000"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Print the benchmarks as Markdown.")
    parser.add_argument("--quick", action="store_true", help="measure for seconds instead of minutes; noisier")
    options = parser.parse_args()
    if not _KEEPING.keys() <= os.environ.keys():
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]], {**os.environ, **_KEEPING})
    # Before NumPy and PyTorch are imported: they read these then.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    from benchmarks.report import report
    from benchmarks.timing import Effort

    for line in report(effort=Effort(0.01, 3) if options.quick else Effort()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
