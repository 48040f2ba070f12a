"""How long a person waits: the help beside `import click`, the offline run beside the imports it cannot avoid.

The run is plain, with studies and net asset values, and with all that a workbook can hold: a sheet for each company, and
the run stored in the history. The imports it cannot avoid are those of pandas, statsmodels and XlsxWriter; the run with
everything is also put beside every import of the plain run, our own modules and scikit-learn's included.

    python benchmarks/cold_start.py [runs]

Both sides are whole processes, alternated in one session; each figure is the median of `runs` (default 7). The limits hold
for processor time, which other work on the machine disturbs less than the time on the clock. Modules are compiled before, as
in an installation: the first start of each pair is not counted.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

OFFLINE = ["-m", "screener", "run", "--source", "bundled", "--as-of", "2026-01-16", "--out", "{out}"]
IMPORTS = ["-c", "import pandas, xlsxwriter; from statsmodels.regression.linear_model import OLS"]
# Into a history of its own each time: a run that is stored already is not stored again.
EVERYTHING = ["--studies", "--nav", "--companies", "--store", "--database", "{out}/{run}.db"]
# Names the modules that the plain run has loaded as it ends, in their order.
NAMES = """
import atexit, sys
atexit.register(lambda: open({path!r}, "w").write("\\n".join(list(sys.modules))))
sys.argv = ["screener", *{arguments!r}]
from screener.cli import main
main()
"""
EVERY_IMPORT = """
import contextlib, importlib
for name in open({path!r}).read().split():
    if name not in ("__main__", "__mp_main__"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
"""
PAIRS = {
    "screener --help / import click": (["-m", "screener", "--help"], ["-c", "import click"], 2.5),
    "offline run / import pandas, OLS, xlsxwriter": (OFFLINE, IMPORTS, 1.7),
    "offline run with studies and NAV / the same imports": ([*OFFLINE, "--studies", "--nav"], IMPORTS, 4.0),
    "offline run with everything / the same imports": ([*OFFLINE, *EVERYTHING], IMPORTS, 5.0),
    "offline run with everything / every import of the offline run": (
        [*OFFLINE, *EVERYTHING],
        ["-c", EVERY_IMPORT.format(path="{out}/modules.txt")],
        5.0,
    ),
}


# A machine may forbid compiled modules; ours would then be compiled at each start, and the libraries' not.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(arguments: list[str]) -> tuple[float, float]:
    """Processor time and time on the clock of a Python process."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return processor, time.perf_counter() - start


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as out:
        arguments = [part.format(out=out) for part in OFFLINE[2:]]
        seconds(["-c", NAMES.format(path=f"{out}/modules.txt", arguments=arguments)])
        for title, (ours, rival, limit) in PAIRS.items():
            mine = [[part.format(out=out, run=run) for part in ours] for run in range(runs + 1)]
            theirs = [part.replace("{out}", out) for part in rival]
            times = [(*seconds(one), *seconds(theirs)) for one in mine][1:]
            a, a_clock, b, b_clock = (statistics.median(column) for column in zip(*times, strict=True))
            print(
                f"{title}: {a:.3f} s / {b:.3f} s = {a / b:.2f} (limit {limit}); "
                f"on the clock {a_clock:.3f} s / {b_clock:.3f} s = {a_clock / b_clock:.2f}"
            )


if __name__ == "__main__":
    main()
