"""How the run grows with the universe: processor time of whole processes, plain, with studies, with net asset values.

    python benchmarks/scale.py                                     22 and 880 companies, this checkout alone
    python benchmarks/scale.py --against ../older --repetitions 3  and an older checkout beside it, run by run in turn
    python benchmarks/scale.py --companies 22 --only both

Universes are copies of the bundled miners under new tickers, each copy with its prices moved by a factor of its own. The
last three rows are `universe check` on a folder of 880 companies: clean, which is what reading costs; with 16,000 problems
where the same few names are misspelt throughout, as happens where a column comes from elsewhere; and with as many where
every name is misspelt in a way of its own.

Figures are user + system time of the process and its children, the median of the repetitions: what else the machine does
moves them little.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
AS_OF = "2026-01-16"
BUNDLED = 22
PROBLEMS = 16_000
NAMES_MISSPELT = 40
# The options have other names by now; the old spellings stay.
RUNS = {"plain": (), "studies": ("--research",), "nav": ("--worth",), "both": ("--research", "--worth")}
CHECKED = 880
CHECKS = {"check, clean": 0, "check, names repeated": NAMES_MISSPELT, "check, names all different": PROBLEMS}

Rows = list[dict[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout of the project")
    parser.add_argument(
        "--ours", type=Path, default=ROOT, metavar="PATH", help="the checkout to measure, else this one"
    )
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--companies", default="22,880", help="sizes, multiples of 22")
    parser.add_argument("--only", default=",".join([*RUNS, "check"]), help=f"of {', '.join([*RUNS, 'check'])}")
    told = parser.parse_args()
    wanted = told.only.split(",")
    sides = [told.ours.resolve()] + ([told.against.resolve()] if told.against else [])
    # The older folder: a newer version must read it.
    bundled = next(sides[-1].glob("screener/**/miners/universe.toml")).parent
    print("Processor seconds" + (f": {sides[0].name}, {sides[1].name}, how many times as fast" if told.against else ""))
    with tempfile.TemporaryDirectory() as work:
        out = str(Path(work) / "out")
        for companies in map(int, told.companies.split(",")):
            folder = copies(bundled, Path(work) / f"miners{companies}", companies // BUNDLED)
            for name, options in RUNS.items():
                if name in wanted:
                    command = ["run", "--universe", str(folder), "--as-of", AS_OF, "--source", "bundled", *options]
                    row(f"{companies} companies, {name}", sides, [*command, "--quiet", "--out", out], told.repetitions)
        if "check" in wanted:
            clean = copies(bundled, Path(work) / "clean", CHECKED // BUNDLED)
            for name, misspelt in CHECKS.items():
                folder = faulty(clean, Path(work) / f"faulty{misspelt}", misspelt) if misspelt else clean
                problems = PROBLEMS if misspelt else 0
                row(name, sides, ["universe", "check", str(folder)], told.repetitions, problems)


def row(title: str, sides: list[Path], command: list[str], repetitions: int, problems: int = 0) -> None:
    """Each side in turn, and a line of the table."""
    times: list[list[float]] = [[] for _ in sides]
    for _ in range(repetitions):
        for side, seen in zip(sides, times, strict=True):
            seen.append(seconds(side, command, problems))
    medians = [statistics.median(seen) for seen in times]
    spread = "" if repetitions == 1 else "   " + "; ".join(f"{min(seen):.2f} to {max(seen):.2f}" for seen in times)
    ratio = f"{medians[1] / medians[0]:8.2f}x" if len(medians) > 1 else ""
    print(f"{title:32s}" + "".join(f"{value:9.2f}" for value in medians) + ratio + spread, flush=True)


def seconds(side: Path, command: list[str], problems: int) -> float:
    """User and system time of `screener` in a checkout."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "screener", *command],
        check=False,
        cwd=side,
        env=os.environ | {"PYTHONPATH": str(side)},
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if problems and f"{problems} problems" not in done.stderr.replace(",", ""):
        raise SystemExit(f"{side}: {problems} problems are there, told were {done.stderr.strip() or 'none'}")
    if done.returncode != (2 if problems else 0):
        raise SystemExit(f"{side}: screener {' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def copies(bundled: Path, folder: Path, count: int) -> Path:
    """A universe of `count` times the bundled companies: new tickers and contract ids, prices moved a little."""
    folder.mkdir(parents=True)
    companies = {one["ticker"] for one in rows(bundled / "companies.csv")[1]}
    for path in sorted(bundled.iterdir()):
        if path.suffix == ".toml":
            (folder / path.name).write_bytes(path.read_bytes())
        if path.suffix != ".csv":
            continue
        header, original = rows(path)
        written = list(original)
        for copy in range(1, count):
            # Between 0.85 and 1.15, no two alike, and the same on every machine.
            factor = 0.85 + 0.3 * (copy * 0.6180339887 % 1)
            for one in original:
                if one.get("ticker") not in companies:
                    continue
                again = one | {"ticker": f"{one['ticker']}{copy}"}
                if one.get("consolidated_by"):
                    again["consolidated_by"] += str(copy)
                if "contract_id" in one:
                    again["contract_id"] += f"-{copy}"
                if path.name == "prices.csv":
                    again["close_usd"] = f"{float(one['close_usd']) * factor:.4f}"
                written.append(again)
        write(folder / path.name, header, written)
    return folder


def faulty(clean: Path, folder: Path, names: int) -> Path:
    """A universe with 16,000 rows more in financials.csv, each with one fault: five kinds in turn, names as many ways."""
    shutil.copytree(clean, folder)
    header, original = rows(folder / "financials.csv")
    unsigned = [one for one in original if one["item"] in ("cash", "debt_total", "btc_held", "shares_outstanding")]
    wrong = []
    for i in range(PROBLEMS):
        # A day of its own far back, so that no row doubles another.
        day = date(1990, 1, 1) + timedelta(days=i // 2)
        one = unsigned[i % len(unsigned)] | {"period_end": day.isoformat(), "published_on": day.isoformat()}
        number, fault = i // 5 % names, i % 5
        like = unsigned[number % len(unsigned)]
        if fault in (0, 2):
            one["ticker"] = f"{like['ticker']}{'.' if fault else '-'}{number}"
        elif fault == 1:
            one["item"] = f"{like['item'][:-1]}{number}"
        elif fault == 3:
            one["value"] = f"-{1000 + i}"
        else:
            one["published_on"] = (day - timedelta(days=1)).isoformat()
        wrong.append(one)
    write(folder / "financials.csv", header, [*original, *wrong])
    return folder


def rows(path: Path) -> tuple[list[str], Rows]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        found = list(reader)
        return list(reader.fieldnames or []), found


def write(path: Path, header: list[str], found: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


if __name__ == "__main__":
    main()
