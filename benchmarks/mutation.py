"""How many one-token mutants of the core the tests notice, and which they do not.

    python benchmarks/mutation.py --sample 500 --seed 1 [--own] [--modules valuation/gap screener/known] [--jobs 2]

needs `coverage` (extra `dev`). Prints the score, the survivors and the seed; exits with 1 below `--least` percent. Mutants
that no test can notice are judged in mutation_equivalent.toml, with the reason. `--own` runs tests/valuation alone.

Why a tool of our own: mutmut and cosmic-ray start Python anew for each mutant, and 3 seconds of imports times 500 are more
than all tests that are needed. Here each mutant is a fork. One inside a function is a fork of a process that has collected
every test: the function's code is replaced where it lives. One outside of functions, or in a function that imports run, is
a fork of a process that has the libraries alone, and the changed module is imported in it.

Which tests: a map says which lines each test runs (made once, kept, and made anew for changed files). Tests that run the
line come first, those of the mirrored file before all, then the cheapest; then the other tests of their files, since what a
file's tests share is made in the first of them; up to `--budget` measured seconds. A test that starts `screener` in a
process of its own cannot notice a mutant here, so the score is a lower bound. Hypothesis draws the same examples each time.

Kept in .mutation/: the map, and each verdict by hashes of the module and of the tests, so that a run can be resumed. A
verdict does not look at other modules; remove the folder after larger changes.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import hashlib
import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import re
import resource
import selectors
import shutil
import signal
import sys
import tempfile
import time
import tomllib
import traceback
import types
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import pytest  # noqa: E402
from mutants import Mutant, mutants, mutated  # noqa: E402

CORE = ("valuation", "screener/point_in_time.py", "screener/known", "screener/sources", "screener/store")
# Names and the printing of results: words, not figures.
NOT_CORE = ("valuation/_lazy.py", "valuation/_summary.py", "valuation/_words.py")
TESTS = (
    "tests/valuation",
    "tests/screener/known",
    "tests/screener/sources",
    "tests/screener/store",
    "tests/screener/test_*.py",
)
OWN = "tests/valuation/"
# Simulations of minutes, which hold rates, and files whose commands run in processes of their own.
LEFT_OUT = (
    "tests/valuation/inference/test_size.py", "tests/screener/test_freshness.py", "tests/screener/test_site.py",
    "tests/screener/test_whole_way.py", "tests/screener/test_point_in_time_filings.py",
    "tests/screener/sources/edgar/test_update.py", "tests/screener/sources/edgar/test_faults.py",
)  # fmt: skip
LIBRARIES = ("numpy", "pandas", "scipy.stats", "scipy.optimize", "scipy.special", "statsmodels.api", "sklearn.linear_model",
             "sklearn.model_selection", "sqlalchemy", "click", "pydantic", "hypothesis", "pytest", "openpyxl", "yfinance",
             "lxml.etree", "requests", "stamina", "exchange_calendars", "linearmodels", "arch", "rich.console")  # fmt: skip
OPTIONS = ("-n0", "-q", "--capture=no", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
KEPT = ROOT / ".mutation"
LINES, VERDICTS = "lines.jsonl", "verdicts.jsonl"
JUDGED = ROOT / "benchmarks/mutation_equivalent.toml"
# Seconds of processor time are allowed: these times what the tests were measured to take, and these more. A busy machine
# lengthens the wall clock, which ends only what sleeps.
PATIENCE, GRACE, BUSY = 5, 10, 20


@dataclass
class Ran:
    """What one test ran: seconds, whether it passed, and the lines of each core file as the bits of a number."""

    seconds: float
    passed: bool
    lines: dict[str, int]


@dataclass
class Map:
    """Every test's lines, and the lines that run while modules are imported."""

    tests: dict[str, Ran] = field(default_factory=dict)
    at_import: dict[str, int] = field(default_factory=dict)


def core_files(modules: list[str]) -> list[str]:
    """Python files of the modules, without those that are not core."""
    found = set()
    for name in modules:
        path = ROOT / name
        found |= {path} if path.is_file() else set(path.rglob("*.py"))
    return sorted(str(path.relative_to(ROOT)) for path in found if str(path.relative_to(ROOT)) not in NOT_CORE)


def main() -> int:
    options = _options()
    for name in LIBRARIES:
        with contextlib.suppress(ImportError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module(name)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    KEPT.mkdir(exist_ok=True)
    files = core_files(options.modules)
    judged = {(m["file"], m["text"], m["change"]) for m in tomllib.loads(JUDGED.read_text()).get("mutant", [])}
    made = [one for file in files for one in mutants(ROOT, file)]
    equivalent = [one for one in made if one.key in judged]
    everything = len(made)
    if options.sample and options.sample < len(made):
        made = random.Random(options.seed).sample(made, options.sample)
    wanted = [one for one in made if one.key not in judged and (not options.own or one.file.startswith("valuation/"))]
    begun = time.perf_counter()
    seen = line_map(options.jobs)
    print(f"map of {len(seen.tests)} tests: {time.perf_counter() - begun:.0f} s", flush=True)
    verdicts = run(wanted, seen, options)
    skipped = sum(one.key in judged for one in made)
    return _report(verdicts, everything, len(equivalent), skipped, options, time.perf_counter() - begun)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=500, help="how many mutants are drawn; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--modules", nargs="+", default=list(CORE), metavar="PATH")
    parser.add_argument("--own", action="store_true", help="mutants of valuation/, tests of tests/valuation alone")
    parser.add_argument("--budget", type=float, default=25.0, help="seconds of tests for a mutant, as measured")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--least", type=float, default=0.0, help="percent below which the exit code is 1")
    return parser.parse_args()


# The map


def line_map(at_once: int) -> Map:
    """Which lines each test runs; files whose tests or code changed are run anew, and each is kept as it ends."""
    kept = _kept_map()
    core = {file: _hash(ROOT / file) for file in core_files(list(CORE))}
    now = {file: _hash(ROOT / file) for file in _test_files()}

    def holds(file: str) -> bool:
        known = kept["files"].get(file, {"hash": "", "core": {}})
        return known["hash"] == now[file] and all(core.get(name) == seen for name, seen in known["core"].items())

    stale = [file for file in now if not holds(file)]
    if stale or kept["import"].get("core") != core:

        def work(items: list[Any], at_import: dict[str, str]) -> None:
            _append({"import": {"core": core, "lines": at_import}}, LINES)
            for file, ran in _run_files(items, stale, at_once):
                touched = {name for test in ran.values() for name in test["lines"]}
                of_core = {name: core[name] for name in touched if name in core}
                _append({"file": file, "hash": now[file], "core": of_core, "tests": ran}, LINES)

        in_warm_process(work, watched=True)
        kept = _kept_map()
    out = Map(at_import={file: int(bits, 16) for file, bits in kept["import"]["lines"].items()})
    for file in now:
        for name, test in kept["files"].get(file, {"tests": {}})["tests"].items():
            lines = {core_file: int(bits, 16) for core_file, bits in test["lines"].items()}
            out.tests[name] = Ran(test["seconds"], test["passed"], lines)
    return out


def _kept_map() -> dict[str, Any]:
    """The map as last kept: of each file the last record stands."""
    out: dict[str, Any] = {"files": {}, "import": {}}
    for record in _records(LINES):
        if "import" in record:
            out["import"] = record["import"]
        else:
            out["files"][record["file"]] = record
    return out


def _test_files() -> list[str]:
    found = set()
    for name in TESTS:
        found |= set(ROOT.glob(f"{name}/**/test_*.py")) if "*" not in name else set(ROOT.glob(name))
    return sorted(str(path.relative_to(ROOT)) for path in found if str(path.relative_to(ROOT)) not in LEFT_OUT)


def _run_files(items: list[Any], stale: list[str], at_once: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """In the warm process: each stale file's tests in a fork of their own, watched."""
    of_file = defaultdict(list)
    for item in items:
        of_file[item.nodeid.partition("::")[0]].append(item)
    jobs = [(file, of_file[file]) for file in stale]
    for (file, _), answer in pool(jobs, lambda job: _watched(job[1]), lambda job: 600.0, at_once):
        if not isinstance(answer, dict):
            raise SystemExit(f"{file}: {answer or 'never ended'}")
        print(f"  map {file}: {len(answer)} tests", flush=True)
        yield file, answer


def _watched(items: list[Any]) -> dict[str, Any]:
    """Each test's seconds, outcome and lines."""
    cover = _coverage()
    out: dict[str, Any] = {}
    if not items:
        return out
    cover.start()
    outcome = _Outcome.of(items)
    for at, item in enumerate(items):
        cover.switch_context(item.nodeid)
        begun, failed = time.process_time(), len(outcome.failed)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=items[at + 1] if at + 1 < len(items) else None)
        out[item.nodeid] = {"seconds": time.process_time() - begun, "passed": len(outcome.failed) == failed}
    cover.stop()
    for name, test in out.items():
        test["lines"] = _lines(cover, name)
    return out


def _coverage() -> Any:
    import coverage

    return coverage.Coverage(data_file=None, config_file=False, include=[f"{ROOT}/valuation/*", f"{ROOT}/screener/*"])


def _lines(cover: Any, context: str) -> dict[str, str]:
    data = cover.get_data()
    data.set_query_context(context)
    out = {}
    for path in data.measured_files():
        if lines := data.lines(path):
            out[str(Path(path).relative_to(ROOT))] = hex(sum(1 << line for line in set(lines)))
    return out


def in_warm_process(work: Callable[[list[Any], dict[str, str]], Any], watched: bool = False) -> Any:
    """What `work` makes of the collected tests and the lines run by imports, in a process that has imported them all."""

    class Plugin(_Outcome):
        answer: Any = None

        def pytest_runtestloop(self, session: Any) -> bool:
            lines = {}
            if cover:
                cover.stop()
                lines = _lines(cover, "")
            gc.collect()
            gc.freeze()
            self.answer = work(session.items, lines)
            return True

    def collect() -> Any:
        plugin = Plugin()
        if cover:
            cover.start()
        if (code := pytest.main([*OPTIONS, *_test_files()], plugins=[plugin])) not in (0, 5):
            raise SystemExit(f"pytest ended with {int(code)}")
        return [plugin.answer]

    cover = _coverage() if watched else None
    ((_, answer),) = pool([None], lambda _: collect(), lambda _: 36_000.0, 1, quiet=False)
    if not isinstance(answer, list):
        raise SystemExit(answer or "the tests could not be collected: run them once by hand")
    return answer[0]


class _Outcome:
    """A pytest plugin: which tests failed; and Hypothesis drawing the same examples each time, without shrinking."""

    def __init__(self, chosen: list[str] | None = None) -> None:
        self.failed: list[str] = []
        self.chosen = chosen

    @staticmethod
    def of(items: list[Any]) -> _Outcome:
        found = [p for p in items[0].config.pluginmanager.get_plugins() if isinstance(p, _Outcome)]
        return found[0]

    def pytest_configure(self, config: Any) -> None:
        from hypothesis import HealthCheck, Phase, settings

        settings.register_profile(
            "mutation", derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate),
        )  # fmt: skip
        settings.load_profile("mutation")

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        if self.chosen is not None:
            place = {name: at for at, name in enumerate(self.chosen)}
            items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])


# The mutants


def run(wanted: list[Mutant], seen: Map, options: argparse.Namespace) -> list[tuple[Mutant, str]]:
    """Each mutant's verdict: the test that noticed it, "" if none did."""
    hashes = {file: _hash(ROOT / file) for file in {*(one.file for one in wanted), *_test_files()}}
    kept = {tuple(record["key"]): record for record in _records(VERDICTS)}
    done, inside, outside = [], [], []
    for one in wanted:
        tests = choose(one, seen, options)
        record = kept.get((one.file, one.number, hashes[one.file], options.own))
        # What valuation's own tests notice, all tests notice; and the other way round where the killer is one of them.
        other = kept.get((one.file, one.number, hashes[one.file], not options.own))
        if not record and other and other["killer"].startswith(OWN):
            record = other
        if record and _still(record, tests, hashes):
            done.append((one, record["killer"]))
        elif not tests:
            done.append((one, ""))
        else:
            (outside if not one.within or _bits(one) & seen.at_import.get(one.file, 0) else inside).append((one, tests))
    print(f"{len(done)} known, {len(inside)} inside functions, {len(outside)} outside", flush=True)

    def keep(job: tuple[Mutant, list[str]], answer: Any) -> None:
        one, tests = job
        killer = "never ends" if answer is None else answer
        if killer == "another way":
            outside.append(job)
            return
        if killer.startswith("raised"):
            raise SystemExit(f"{one.file}:{one.line}: {one.change}: {killer}")
        done.append((one, killer))
        where = sorted({test.partition("::")[0] for test in tests})
        record = {"key": [one.file, one.number, hashes[one.file], options.own], "killer": killer, "tests": tests,
                  "hashes": {file: hashes[file] for file in where}}  # fmt: skip
        _append(record, VERDICTS)
        if not killer:
            print(f"  survives {one.file}:{one.line}: {one.change}: {one.text[:90]}", flush=True)

    def limit(job: tuple[Mutant, list[str]]) -> float:
        return GRACE + PATIENCE * sum(seen.tests[test].seconds for test in job[1])

    if inside:
        # The warm process keeps its verdicts itself, and gives back those that need the other way.
        again = in_warm_process(lambda items, _: _run_inside(items, inside, limit, options.jobs, keep, outside))
        kept = {tuple(record["key"]): record["killer"] for record in _records(VERDICTS)}
        for job in inside:
            key = (job[0].file, job[0].number, hashes[job[0].file], options.own)
            if [job[0].file, job[0].number] in again:
                outside.append(job)
            else:
                done.append((job[0], kept[key]))
    for job, answer in pool(outside, lambda job: _outside(*job), limit, options.jobs):
        keep(job, answer)
    return done


def choose(one: Mutant, seen: Map, options: argparse.Namespace) -> list[str]:
    """The tests for a mutant, best first, within the budget."""
    own = options.own
    where = _focus(one)
    # What import runs shows in every test of the module; no test runs it itself.
    imported = not one.within or bool(_bits(one) & seen.at_import.get(one.file, 0))
    direct, near = [], set()
    for name, ran in seen.tests.items():
        if not ran.passed or (own and not name.startswith(OWN)):
            continue
        if any(ran.lines.get(file, 0) & bits for file, bits in where.items()):
            direct.append(name)
            near.add(name.partition("::")[0])
        elif imported and ran.lines.get(one.file, 0):
            near.add(name.partition("::")[0])
    rest = [n for n, r in seen.tests.items() if r.passed and n.partition("::")[0] in near and n not in set(direct)]
    folder, _, stem = one.file.removesuffix(".py").rpartition("/")

    first = set(direct)

    def rank(name: str) -> tuple[int, bool, float]:
        file = name.partition("::")[0]
        mirrored = 0 if file == f"tests/{folder}/test_{stem}.py" else 1 if file.startswith(f"tests/{folder}/") else 2
        seconds = seen.tests[name].seconds
        return (mirrored if seconds < 1 else 3, name not in first, seconds)

    chosen, spent = [], 0.0
    for name in sorted([*direct, *rest], key=rank):
        spent += seen.tests[name].seconds
        if spent > options.budget and chosen:
            break
        chosen.append(name)
    return chosen


def _focus(one: Mutant) -> dict[str, int]:
    """Lines whose running shows the mutant: its statement; of a constant, wherever its name stands."""
    if one.within or not one.name:
        return {one.file: _bits(one)}
    word = re.compile(rf"\b{re.escape(one.name)}\b")
    out = {one.file: _bits(one)}
    for file in core_files(list(CORE)):
        text = (ROOT / file).read_text()
        if one.name in text:
            bits = sum(1 << at for at, line in enumerate(text.splitlines(), 1) if word.search(line))
            out[file] = out.get(file, 0) | bits
    return out


def _bits(one: Mutant) -> int:
    first, last = one.lines
    return sum(1 << line for line in range(first, last + 1))


def _still(record: dict[str, Any], tests: list[str], hashes: dict[str, str]) -> bool:
    """Whether a verdict holds for today's tests: the killer's file, or for a survivor all of its tests, as they were."""
    if record["killer"] and "::" in record["killer"]:
        file = record["killer"].partition("::")[0]
        return file in hashes and record["hashes"].get(file) == hashes[file]
    return record["tests"] == tests and all(hashes.get(file) == seen for file, seen in record["hashes"].items())


def _run_inside(
    items: list[Any],
    jobs: list[Any],
    limit: Callable[[Any], float],
    at_once: int,
    keep: Callable[[Any, Any], None],
    outside: list[Any],
) -> list[list[Any]]:
    """In the warm process: run and keep the mutants inside functions; file and number of those that need the other way."""
    by_name = {item.nodeid: item for item in items}
    living = defaultdict(list)
    gc.unfreeze()  # what is frozen is not among the objects
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__code__.co_filename.startswith(str(ROOT)):
            living[thing.__code__].append(thing)
    gc.freeze()

    def in_fork(job: tuple[Mutant, list[str]]) -> str:
        one, tests = job
        try:
            if not _replace(one, living):
                return "another way"
        except (ValueError, SyntaxError):
            return "another way"
        chosen = [by_name[test] for test in tests if test in by_name]
        outcome = _Outcome.of(chosen)
        for at, item in enumerate(chosen):
            item.config.hook.pytest_runtest_protocol(
                item=item, nextitem=chosen[at + 1] if at + 1 < len(chosen) else None
            )
            if outcome.failed:
                return outcome.failed[0]
        return ""

    already = len(outside)
    for job, answer in pool(jobs, in_fork, limit, at_once):
        keep(job, answer)
    return [[one.file, one.number] for one, _ in outside[already:]]


def _replace(one: Mutant, living: dict[types.CodeType, list[types.FunctionType]]) -> bool:
    """Put the mutant's code into every living function that has the original's; False where none has."""
    source, path = (ROOT / one.file).read_text(), str(ROOT / one.file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = compile(ast.parse(source), path, "exec", dont_inherit=True)
        after = compile(mutated(source, one.number), path, "exec", dont_inherit=True)
    replaced = False
    for old, new in _changed(before, after):
        for function in living.get(old, ()):
            function.__code__ = new
            replaced = True
    return replaced


def _changed(old: types.CodeType, new: types.CodeType) -> Iterator[tuple[types.CodeType, types.CodeType]]:
    """Pairs of code that differ, the outermost function with all that it holds."""
    left = [part for part in old.co_consts if isinstance(part, types.CodeType)]
    right = [part for part in new.co_consts if isinstance(part, types.CodeType)]
    if len(left) == len(right):
        for one, other in zip(left, right, strict=True):
            if one != other:
                yield one, other
                yield from _changed(one, other)


def _outside(one: Mutant, tests: list[str]) -> str:
    """In a fork of a process with the libraries alone: the changed module imported, then the tests."""
    name = one.file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    path = ROOT / one.file
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(mutated(path.read_text(), one.number), str(path), "exec", dont_inherit=True)

    class Loader(importlib.abc.Loader):
        def create_module(self, spec: Any) -> None:
            return None

        def exec_module(self, module: Any) -> None:
            exec(code, module.__dict__)

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, fullname: str, where: Any, target: Any = None) -> Any:
            if fullname != name:
                return None
            return importlib.util.spec_from_file_location(
                fullname, path, loader=Loader(),
                submodule_search_locations=[str(path.parent)] if path.stem == "__init__" else None,
            )  # fmt: skip

    sys.meta_path.insert(0, Finder())
    outcome = _Outcome(tests)
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    code_of_pytest = pytest.main([*OPTIONS, "-x", *files], plugins=[outcome])
    if outcome.failed:
        return outcome.failed[0]
    return "" if code_of_pytest == 0 else f"{tests[0].partition('::')[0]}::exit {int(code_of_pytest)}"


# Forks


def pool(
    jobs: list[Any], work: Callable[[Any], Any], limit: Callable[[Any], float], at_once: int, quiet: bool = True
) -> Iterator[tuple[Any, Any]]:
    """(job, answer) as they end: each job in a fork of its own, killed with all that it started after `limit` seconds
    of processor time, whose answer then is None."""
    waiting, running = list(reversed(jobs)), {}
    ready = selectors.DefaultSelector()
    while waiting or running:
        while waiting and len(running) < at_once:
            job = waiting.pop()
            folder = tempfile.mkdtemp(prefix="mutant-")
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(reading)
                resource.setrlimit(resource.RLIMIT_CPU, (int(limit(job)) + 1, resource.RLIM_INFINITY))
                _in_child(lambda job=job: work(job), writing, folder, quiet)
            os.close(writing)
            ready.register(reading, selectors.EVENT_READ)
            running[reading] = (job, child, time.monotonic() + BUSY * limit(job), folder, bytearray())
        ended = []
        for key, _ in ready.select(timeout=0.5):
            piece = os.read(key.fd, 1 << 20)
            running[key.fd][4].extend(piece)
            if not piece:
                ended.append(key.fd)
        ended += [fd for fd, (_, _, until, _, _) in running.items() if time.monotonic() > until and fd not in ended]
        for fd in ended:
            job, child, _, folder, text = running.pop(fd)
            ready.unregister(fd)
            os.close(fd)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            shutil.rmtree(folder, ignore_errors=True)
            yield job, json.loads(text.decode()) if text else None


def _in_child(work: Callable[[], Any], writing: int, folder: str, quiet: bool) -> None:
    """Never returns: its own process group and temporary folder, no output, the answer into the pipe."""
    os.setsid()
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    os.environ["PYTEST_DEBUG_TEMPROOT"] = folder
    if quiet:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
    try:
        answer = json.dumps(work()).encode()
        while answer:
            answer = answer[os.write(writing, answer) :]
    except BaseException as error:  # a mutant may raise anything, SystemExit among it
        if not quiet:
            traceback.print_exc()
            return
        os.write(writing, json.dumps(f"raised {type(error).__name__}: {error}").encode())
    finally:
        os._exit(0)


def _records(name: str) -> list[dict[str, Any]]:
    place = KEPT / name
    return [json.loads(line) for line in place.read_text().splitlines()] if place.exists() else []


def _append(record: dict[str, Any], name: str) -> None:
    with (KEPT / name).open("a") as file:
        file.write(json.dumps(record) + "\n")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _report(
    verdicts: list[tuple[Mutant, str]], everything: int, equivalents: int, skipped: int, options: Any, seconds: float
) -> int:
    """Print the score and the survivors; 1 where the score is below what was asked."""
    survivors = sorted((one for one, killer in verdicts if not killer), key=lambda one: (one.file, one.line))
    killed = len(verdicts) - len(survivors)
    score = 100 * killed / len(verdicts) if verdicts else 100.0
    print(f"\n{len(survivors)} survivors")
    for one in survivors:
        print(f"{one.file}:{one.line}: {one.change}\n    {one.text}")
    tests = "valuation's own tests" if options.own else "all mapped tests"
    print(f"\n{everything:,} mutants in all, {equivalents} of them judged equivalent; seed {options.seed}, sample "
          f"{options.sample or everything}, {skipped} equivalent in it, {len(verdicts)} run with {tests}")  # fmt: skip
    print(f"{killed} killed, {len(survivors)} not: {score:.1f}% in {seconds:.0f} s")
    return int(score < options.least)


if __name__ == "__main__":
    sys.exit(main())
