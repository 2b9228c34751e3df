"""Measure everything and print it as Markdown: `python -m benchmarks`, a minute or two."""

from __future__ import annotations

import argparse
import os


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Print the benchmarks as Markdown.")
    parser.add_argument("--quick", action="store_true", help="measure for seconds instead of minutes; noisier")
    options = parser.parse_args()
    # Before NumPy and PyTorch are imported: they read these then.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    from benchmarks.report import report
    from benchmarks.timing import Effort

    for line in report(effort=Effort(0.01, 3) if options.quick else Effort()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
