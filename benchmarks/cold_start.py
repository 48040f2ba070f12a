"""How long a person waits: the help beside `import click`, the offline run beside the imports it cannot avoid.

    python benchmarks/cold_start.py [runs]

Both sides are whole processes, alternated in one session; each figure is the median of `runs` (default 7).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time

PAIRS = {
    "screener --help / import click": (
        ["-m", "screener", "--help"],
        ["-c", "import click"],
        2.5,
    ),
    "offline run / import pandas, OLS, xlsxwriter": (
        ["-m", "screener", "run", "--source", "bundled", "--as-of", "2026-01-16", "--out", "{out}"],
        ["-c", "import pandas, xlsxwriter; from statsmodels.regression.linear_model import OLS"],
        1.7,
    ),
}


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as out:
        for title, (ours, rival, limit) in PAIRS.items():
            mine = [part.format(out=out) for part in ours]
            times = [(seconds(mine), seconds(rival)) for _ in range(runs + 1)][1:]
            a, b = (statistics.median(column) for column in zip(*times, strict=True))
            print(f"{title}: {a:.3f} s / {b:.3f} s = {a / b:.2f} (limit {limit})")


if __name__ == "__main__":
    main()
