"""How long `screener update` takes for 22 companies, a first time and in a quiet week, over the local sources of the tests.

    python benchmarks/update.py [--paced]

A command in a process of its own against servers on this machine, with as much history as the tests' sources have: the
time is that of our own work, and of the waits between requests where `--paced` keeps them. Prints wall clock and requests.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from screener import universes
from tests.cut_universe import cut
from tests.loopback.world import World

FIRST = datetime(2026, 10, 6, 12, tzinfo=UTC)
CUT = "2026-03-31"


def main(paced: bool) -> None:
    """Print a line an update: of the first day, an hour later, and a week later."""
    miners = universes.load("miners")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        cut("miners", CUT, home / "universes" / "miners")
        world = World(miners, home, now=FIRST, bundled=home / "universes", paced=paced)
        world.sec.file_balance_sheets(miners, CUT)
        with world:
            world.screener("--version")  # the process that starts commands
            print(f"{'update':24}{'seconds':>9}{'requests':>10}")
            for name, later in (("first", timedelta(0)), ("an hour later", timedelta(hours=1)),
                                ("a quiet week later", timedelta(days=7))):  # fmt: skip
                world.settings["now"] = (FIRST + later).isoformat()
                asked, begun = len(world.proxy.requests), time.perf_counter()
                done = world.screener("update", "--quiet")
                taken = time.perf_counter() - begun
                assert done.returncode == 0, done.stdout + done.stderr
                print(f"{name:24}{taken:9.1f}{len(world.proxy.requests) - asked:10}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paced", action="store_true", help="wait between requests as with the real sources")
    main(parser.parse_args().paced)
