"""Are the figures the same as before? What two versions of the project write, collected and compared value by value.

    PYTHONPATH=old/checkout python benchmarks/same_figures.py collect old_figures
    PYTHONPATH=new/checkout python benchmarks/same_figures.py collect new_figures --history old_figures/history.sqlite
    python benchmarks/same_figures.py compare old_figures new_figures

`collect` runs the commands of whatever `screener` can be imported, on bundled data, and keeps their JSON and CSV, the exit
code and what was printed: a folder for each date and command. It also stores two runs in a history, and goes on with a copy
of that history or, with `--history`, of one that an older version wrote.

`compare` walks both folders. Numbers must agree to a relative 1e-12, texts exactly, nothing may be lost; what is new is
listed. Prose (`PROSE` below) may be rewritten but not dropped, and what was renamed must stand in `RENAMED_*` or in a file
given with `--renames`. Exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOLERANCE = 1e-12

# What was renamed since the older version, old name to new. An old name that is still there is taken as it is.
RENAMED_KEYS: dict[str, str] = {"doubts": "caveats"}
RENAMED_TEXTS: dict[str, str] = {}
RENAMED_FILES: dict[str, str] = {}
RENAMED_SHEETS: dict[str, str] = {}

# Keys and columns that hold sentences, titles or causes for people to read: rewording them changes no figure. A few studies
# say in the place of a result why there is none (`panel`, `placebo`).
PROSE = {
    "attribution_cause", "cause", "causes", "caveats", "changes", "detail", "doubts", "excluded", "method", "not_scheduled",
    "note", "panel", "placebo", "prices", "ranking", "reason", "rule_title", "text", "title", "what", "why",
}  # fmt: skip
# Objects of which every text is prose, whatever its key (a ticker, a metric), but for the keys that name a row.
PROSE_WITHIN = {"causes", "caveats", "doubts", "excluded"}
NAMES = {"ticker", "metric"}
# What names the code and not the question; ids are hashes over these, so they are compared where these are equal.
CODE = {"version", "packages"}
IDS = {"run_id", "screen_run_id", "result_sha256"}

DATES = ("2024-11-15", "2025-07-04", "2026-01-16", "2026-10-05")
SINCE = {"2024-11-15": "2024-01-05", "2025-07-04": "2024-10-04", "2026-01-16": "2025-04-04", "2026-10-05": "2026-01-02"}
DETAILED = "2026-01-16"
SCREENS = ("cheap-power", "contracted-backlog", "credit-quality", "pivot-laggards", "residual-value")
SCENARIOS = ("bitcoin-half", "texas-grid-rule")
HOLDINGS = """Symbol,Quantity,Cost Basis
IREN,100,2000
CIFR,300,1500
CORZ,200,2600
MARA,150,2800
RIOT,100,1100
HUT,50,1000
CLSK,-40,-500
CASH,5000,5000
"""


@dataclass(frozen=True)
class Job:
    """One command: the folder that it fills, its words, its options."""

    folder: str
    command: tuple[str, ...]
    options: tuple[str, ...]
    formats: str = "json,csv"


def jobs() -> Iterator[Job]:
    """Every command to run: on each date as it stands, on one date with its options too."""
    for day in DATES:
        at = ("--as-of", day)
        yield Job(f"{day}/run", ("run",), at)
        yield Job(f"{day}/gap_history", ("gap",), (*at, "--since", SINCE[day]))
        for name in ("gap", "regress", "mix", "events", "contracts", "mining", "nav"):
            yield Job(f"{day}/{name}", (name,), at)
        for name in SCREENS:
            yield Job(f"{day}/screen_{name}", ("screen",), (name, *at))
        for name in SCENARIOS:
            yield Job(f"{day}/scenario_{name}", ("scenario", "run"), (name, *at))
        # The bundled closes start in January 2024: 104 weeks of returns are not there yet on the first date.
        held = ("positions.csv", *at, *(("--weeks", "40") if day < "2026" else ()))
        yield Job(f"{day}/portfolio_value", ("portfolio", "value"), held)
        yield Job(f"{day}/portfolio_risk", ("portfolio", "risk"), held)
        yield Job(f"{day}/portfolio_scenario", ("portfolio", "scenario"), ("bitcoin", *held, "--shock", "-0.5"))
    at = ("--as-of", DETAILED)
    yield Job(f"{DETAILED}/run_studies_nav", ("run",), (*at, "--research", "--worth"), "json,csv,xlsx")
    yield Job(f"{DETAILED}/run_signed", ("run",), (*at, "--groups", "signed"))
    yield Job(f"{DETAILED}/run_trailing10", ("run",), (*at, "--groups", "trailing10"))
    yield Job(f"{DETAILED}/gap_spec", ("gap",), (*at, "--spec", "denominator=operating,net_bitcoin=no,rule=signed"))
    yield Job(f"{DETAILED}/events_raises", ("events",), (*at, "--kind", "raises"))
    yield Job(f"{DETAILED}/mining_site", ("mining",), (*at, "--site-mw", "100"))
    yield Job(f"{DETAILED}/contracts_HUT", ("contracts",), ("HUT", *at))
    yield Job(f"{DETAILED}/nav_CIFR", ("nav",), ("CIFR", *at))
    yield Job(
        f"{DETAILED}/portfolio_tenant",
        ("portfolio", "scenario"),
        ("tenant", "positions.csv", *at, "--tenant", "CoreWeave", "--recovery", "0.3"),
    )


class Collector:
    """Runs `screener` in a folder and a home of its own, and keeps what it writes."""

    def __init__(self, out: Path, work: Path) -> None:
        self.out, self.work = out, work
        (work / "positions.csv").write_text(HOLDINGS)
        paths = [str(Path(part).resolve()) for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("SCREENER_", "XDG_"))} | {
            "HOME": str(work),
            "PYTHONPATH": os.pathsep.join(paths),
            "COLUMNS": "100",
        }
        self.sourced: dict[tuple[str, ...], bool] = {}

    def screener(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "screener", *words],
            check=False,
            cwd=self.work,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def prepare(self, commands: set[tuple[str, ...]]) -> None:
        """Which commands take `--source`: the older version's studies know only the bundled closes."""
        self.sourced = {words: "--source" in self.screener(*words, "--help").stdout for words in sorted(commands)}

    def run(self, job: Job) -> int:
        folder = self.out / job.folder
        folder.mkdir(parents=True, exist_ok=True)
        source = ("--source", "bundled") if self.sourced[job.command] else ()
        done = self.screener(
            *job.command, *job.options, *source, "--format", job.formats, "--out", f"{folder.resolve()}{os.sep}"
        )
        return keep(folder, done)

    def history(self, older: Path | None) -> None:
        """Two runs stored; then a copy of that history, or of an older one, is read, compared and gone on with."""
        ours, folder = (self.out / "history.sqlite").resolve(), self.out / "history"
        on = ("--universe", "miners", "--database")
        for day in ("2026-01-09", "2026-01-16"):
            keep(folder / f"store_{day}", self.stored(day, ours, folder / f"store_{day}"))
        theirs = (self.out / "continued.sqlite").resolve()
        theirs.unlink(missing_ok=True)
        shutil.copyfile(older or ours, theirs)
        steps: list[tuple[str, tuple[str, ...]]] = [
            ("diff_before.json", ("diff", "2026-01-09", "2026-01-16")),
            ("diff_before.csv", ("diff", "2026-01-09", "2026-01-16")),
            ("export_run.csv", ("history", "export", "--run", "2026-01-16")),
            ("next", ()),
            ("diff_after.json", ("diff", "2026-01-16", "2026-01-23")),
            ("diff_after.csv", ("diff", "2026-01-16", "2026-01-23")),
            ("series.csv", ("history", "export", "--metric", "ev_per_mw_secured")),
        ]
        for name, words in steps:
            here = folder / f"continued_{name.replace('.', '_')}"
            here.mkdir(parents=True, exist_ok=True)
            if words:
                file = str((here / name).resolve())
                keep(here, self.screener(*words, *on, str(theirs), "--out", file))
            else:
                keep(here, self.stored("2026-01-23", theirs, here))
        for words in (("history", "list"), ("history", "show", "2026-01-16")):
            keep(folder / "_".join(("continued", *words)), self.screener(*words, *on, str(theirs)))

    def stored(self, day: str, database: Path, folder: Path) -> subprocess.CompletedProcess[str]:
        return self.screener(
            "run", "--as-of", day, "--source", "bundled", "--store", "--database", str(database),
            "--format", "json,csv", "--out", f"{folder.resolve()}{os.sep}",
        )  # fmt: skip


def keep(folder: Path, done: subprocess.CompletedProcess[str]) -> int:
    """The exit code, which is compared, and what was printed, which is for people to read side by side."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "exit.json").write_text(json.dumps({"exit_code": done.returncode}) + "\n")
    (folder / "printed.txt").write_text(done.stdout + done.stderr)
    return done.returncode


def collect(out: Path, history: Path | None, processes: int, only: str) -> int:
    out.mkdir(parents=True, exist_ok=True)
    wanted = [job for job in jobs() if re.search(only, job.folder)]
    with tempfile.TemporaryDirectory() as work:
        collector = Collector(out, Path(work))
        collector.prepare({job.command for job in wanted})
        with ThreadPoolExecutor(processes) as pool:
            codes = list(pool.map(collector.run, wanted))
        if re.search(only, "history"):
            collector.history(None if history is None else history.resolve())
    for job, code in zip(wanted, codes, strict=True):
        if code:
            printed = (out / job.folder / "printed.txt").read_text().strip().splitlines()
            print(f"exit code {code}: {job.folder}: {printed[-1] if printed else ''}")
    files = [path for path in out.rglob("*") if path.suffix in (".json", ".csv", ".xlsx") and path.name != "exit.json"]
    print(f"{len(wanted)} commands, {len(files)} files in {out}")
    return 0


@dataclass
class Comparison:
    """What was compared, and what differs."""

    keys: dict[str, str]
    texts: dict[str, str]
    files: dict[str, str]
    sheets: dict[str, str]
    prose: set[str]
    same_code: bool
    within: set[str] = field(default_factory=lambda: set(PROSE_WITHIN))
    differences: list[str] = field(default_factory=list)
    added: Counter[str] = field(default_factory=Counter)
    reworded: Counter[str] = field(default_factory=Counter)
    refigured: list[str] = field(default_factory=list)
    renamed: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    numbers: int = 0
    exact: int = 0
    words: int = 0

    def differ(self, path: str, old: Any, new: Any) -> None:
        self.differences.append(f"{path}: {short(old)} -> {short(new)}")

    def match(self, old: str, known: Any) -> str | None:
        """The name under which something is to be found now: its own, or its new one."""
        if old in known:
            return old
        new = self.keys.get(old)
        if new is None or new not in known:
            return None
        self.renamed[f"{old} -> {new}"] += 1
        return new

    def value(self, old: Any, new: Any, path: str, fields: tuple[str, ...]) -> None:
        """Two values of JSON; `fields` are the keys on the way to them."""
        if isinstance(old, dict) and isinstance(new, dict):
            self.objects(old, new, path, fields)
        elif isinstance(old, list) and isinstance(new, list):
            self.lists(old, new, path, fields)
        elif is_number(old) and is_number(new):
            self.number(old, new, path)
        elif isinstance(old, str) and isinstance(new, str):
            self.text(old, new, path, fields)
        elif type(old) is not type(new) or old != new:
            self.differ(path, old, new)

    def objects(self, old: dict[str, Any], new: dict[str, Any], path: str, fields: tuple[str, ...]) -> None:
        found = set()
        for key, value in old.items():
            name = self.match(key, new)
            if name is None:
                self.differ(f"{path}.{key}", value, "lost")
                continue
            found.add(name)
            if (key in CODE and "manifest" in fields) or (key in IDS and not self.same_code):
                self.ignored[key] += value != new[name]
            else:
                self.value(value, new[name], f"{path}.{key}", (*fields, key))
        for key in new.keys() - found:
            self.added[re.sub(r"\[\d+\]", "[]", f"{path}.{key}")] += 1

    def lists(self, old: list[Any], new: list[Any], path: str, fields: tuple[str, ...]) -> None:
        if self.is_prose(fields) and all(isinstance(one, str) for one in [*old, *new]):
            self.text("; ".join(old), "; ".join(new), path, fields)
            return
        if len(old) != len(new):
            self.differ(path, f"{len(old)} rows", f"{len(new)} rows")
        for place, (one, other) in enumerate(zip(old, new, strict=False)):
            self.value(one, other, f"{path}[{place}]", fields)

    def number(self, old: float, new: float, path: str) -> None:
        self.numbers += 1
        if old == new:
            self.exact += 1
        elif not math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=0.0):
            self.differ(path, old, new)

    def text(self, old: str, new: str, path: str, fields: tuple[str, ...]) -> None:
        self.words += 1
        if old == new:
            return
        if self.texts.get(old) == new:
            self.renamed[f"{old} -> {new}"] += 1
        elif self.is_prose(fields) and bool(old.strip()) <= bool(new.strip()):
            self.reworded[next(name for name in fields if name in self.prose)] += 1
            if figures(old) != figures(new):
                self.refigured.append(f"{path}: {short(old)} -> {short(new)}")
        else:
            self.differ(path, old, new)

    def is_prose(self, fields: tuple[str, ...]) -> bool:
        leaf = fields[-1] if fields else ""
        return leaf in self.prose or (leaf not in NAMES and any(name in self.within for name in fields))

    def tables(self, old: list[list[str]], new: list[list[str]], path: str) -> None:
        """Two CSV files, column by column under their names."""
        if not old or not new:
            if bool(old) != bool(new):
                self.differ(path, f"{len(old)} lines", f"{len(new)} lines")
            return
        heads = new[0]
        if len(old) != len(new):
            self.differ(path, f"{len(old) - 1} rows", f"{len(new) - 1} rows")
        found = set()
        for place, head in enumerate(old[0]):
            name = self.match(head, heads)
            if name is None:
                self.differ(f"{path} column {head}", "a column", "lost")
                continue
            found.add(name)
            there = heads.index(name)
            for line, (one, other) in enumerate(zip(old[1:], new[1:], strict=False), start=2):
                self.cell(one[place], other[there], f"{path}:{line} {head}", (head,))
        for head in heads:
            if head not in found:
                self.added[f"{path} column {head}"] += 1

    def cell(self, old: str, new: str, path: str, fields: tuple[str, ...]) -> None:
        one, other = as_number(old), as_number(new)
        if one is not None and other is not None:
            self.number(one, other, path)
        else:
            self.text(old, new, path, fields)

    def workbooks(self, old: Path, new: Path, path: str) -> None:
        """The numbers of each sheet in order of size, wherever they stand: layout is no figure."""
        before, after = sheet_numbers(old), sheet_numbers(new)
        for sheet, numbers in before.items():
            name = sheet if sheet in after else self.sheets.get(sheet, sheet)
            if name not in after:
                self.differ(f"{path} sheet {sheet}", f"{len(numbers)} numbers", "lost")
                continue
            for one in missing(numbers, after[name]):
                self.differ(f"{path} sheet {sheet}", one, "lost")
            if more := missing(after[name], numbers):
                self.added[f"{path} sheet {sheet}: numbers"] += len(more)
            self.numbers += len(numbers)

    def file(self, old: Path, new: Path, path: str) -> None:
        if old.suffix == ".json":
            self.value(json.loads(old.read_text()), json.loads(new.read_text()), path, ())
        elif old.suffix == ".csv":
            self.tables(rows(old), rows(new), path)
        else:
            self.workbooks(old, new, path)


def figures(text: str) -> list[str]:
    """The numbers in a sentence, in order of size."""
    return sorted(re.findall(r"\d[\d,]*(?:\.\d+)?", text))


def code_of(root: Path) -> dict[str, Any]:
    """The version and the packages under which a folder was collected, of the first manifest in it."""
    for path in sorted(root.rglob("*.json")):
        told = json.loads(path.read_text())
        if isinstance(told, dict) and "manifest" in told:
            return {name: told["manifest"].get(name) for name in CODE}
    return {}


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "..."


def sheet_numbers(path: Path) -> dict[str, list[float]]:
    """Every number of a workbook, by sheet, in order of size."""
    from openpyxl import load_workbook

    book = load_workbook(path, data_only=True, read_only=True)
    found = {
        sheet.title: sorted(float(cell) for row in sheet.iter_rows(values_only=True) for cell in row if is_number(cell))
        for sheet in book.worksheets
    }
    book.close()
    return found


def missing(wanted: list[float], there: list[float]) -> list[float]:
    """Of two sorted lists: what of the first has no partner in the second."""
    place, out = 0, []
    for value in wanted:
        while place < len(there) and there[place] < value and not math.isclose(there[place], value, rel_tol=TOLERANCE):
            place += 1
        if place < len(there) and math.isclose(there[place], value, rel_tol=TOLERANCE):
            place += 1
        else:
            out.append(value)
    return out


def compare(old: Path, new: Path, renames: Path | None, workbooks: bool, only: str) -> int:
    told = json.loads(renames.read_text()) if renames else {}
    run = Comparison(
        keys=RENAMED_KEYS | told.get("keys", {}),
        texts=RENAMED_TEXTS | told.get("texts", {}),
        files=RENAMED_FILES | told.get("files", {}),
        sheets=RENAMED_SHEETS | told.get("sheets", {}),
        prose=PROSE | set(told.get("prose", [])),
        same_code=code_of(old) == code_of(new),
    )
    run.prose |= {run.keys[name] for name in run.prose if name in run.keys}
    run.within |= {run.keys[name] for name in run.within if name in run.keys}
    kinds = {".json", ".csv"} | ({".xlsx"} if workbooks else set())
    before, after = (
        {str(path.relative_to(root)) for path in root.rglob("*") if path.suffix in kinds} for root in (old, new)
    )
    before, after = (
        {path for path in files if re.search(only, Path(path).parent.as_posix())} for files in (before, after)
    )
    seen = set()
    for path in sorted(before):
        name = path
        if name not in after:
            for was, now in run.files.items():
                name = name.replace(was, now)
        if name not in after:
            run.differ(path, "a file", "lost")
            continue
        seen.add(name)
        run.file(old / path, new / name, path)
    for path in sorted(after - seen):
        run.added[path] += 1
    if not before:
        run.differ(str(old), "files", "none to compare")

    for line in run.differences:
        print(line)
    for title, counts in (("added", run.added), ("renamed", run.renamed), ("reworded", run.reworded)):
        for what, count in sorted(counts.items()):
            print(f"{title}: {what} ({count})")
    for line in run.refigured:
        print(f"reworded, with other figures in the sentence: {line}")
    for what, count in sorted(run.ignored.items()):
        if count:
            print(f"not compared, another version of the code: {what} ({count})")
    print(
        f"{len(seen)} files: {run.numbers:,} numbers"
        + ("" if workbooks else f", {run.exact:,} of them equal to the last bit")
        + f", {run.words:,} texts, {sum(run.reworded.values()):,} of them reworded; {len(run.differences)} differences"
    )
    return 1 if run.differences else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("collect", help="run the commands and keep what they write")
    one.add_argument("out", type=Path)
    one.add_argument("--history", type=Path, help="a history that an older version wrote, to go on with a copy of it")
    one.add_argument("--processes", type=int, default=2)
    two = commands.add_parser("compare", help="compare what two versions wrote")
    two.add_argument("old", type=Path)
    two.add_argument("new", type=Path)
    two.add_argument("--renames", type=Path, help="JSON: keys, texts, files, sheets (old to new), prose (a list)")
    two.add_argument("--workbooks", action="store_true", help="the numbers of every sheet too")
    for each in (one, two):
        each.add_argument("--only", default="", metavar="PATTERN", help='folders to take, as in "2026.*(nav|mining)"')
    told = parser.parse_args()
    if told.command == "collect":
        return collect(told.out, told.history, told.processes, told.only)
    return compare(told.old, told.new, told.renames, told.workbooks, told.only)


if __name__ == "__main__":
    sys.exit(main())
