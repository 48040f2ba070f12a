"""A screen: condition, ranking and columns, from a small TOML file, from options, or from both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from screener.config import toml
from screener.config.toml import Document
from screener.errors import NotKnown, Problem, RuleError, did_you_mean
from screener.rules.check import NUMBER, TEXTS, TRUTH, Expression, expression
from valuation.metrics import METRICS

HOME = Path(__file__).parent / "screens"
# Taken as they stand; the others hold rules to be read.
PLAIN_KEYS = ("title", "about", "within", "top", "winsorise", "least_coverage", "include_excluded")


@dataclass(frozen=True)
class ScreenRules:
    """The rules of a screen: condition, ranking, columns.

    Attributes
    ----------
    name, title, about : str
    where : Expression or None
        A condition; None selects every company.
    rank_by : Expression or None
        A number: the best first, the lowest where the registry says that less is better, else the highest.
    weights : pairs (Expression, weight)
        The composite score instead: winsorised z-scores, each turned so that better is higher, and weighted. A
        negative weight reverses its metric: for an expression, which the registry does not know, it says that less
        is better.
    within : str
        Text metric within which z-scores are taken; empty for all names of the date.
    winsorise : float
        Fraction winsorised at either end before the z-score.
    least_coverage : float
        A name needs known metrics of at least this share of the weights to be scored.
    top : int or None
        The number of companies selected, best first.
    columns : Expressions
        The columns shown.
    sort : pair (Expression, descending) or None
        Order of the rows shown; by rank where None.
    include_excluded : bool
        Screen comparables and consolidated subsidiaries too.
    """

    name: str = "rule"
    title: str = ""
    about: str = ""
    where: Expression | None = None
    rank_by: Expression | None = None
    weights: tuple[tuple[Expression, float], ...] = ()
    within: str = ""
    winsorise: float = 0.05
    least_coverage: float = 0.6
    top: int | None = None
    columns: tuple[Expression, ...] = ()
    sort: tuple[Expression, bool] | None = None
    include_excluded: bool = False

    @property
    def ranked(self) -> bool:
        """Whether it ranks the companies selected."""
        return self.rank_by is not None or bool(self.weights)

    @property
    def ranking(self) -> str:
        """The ranking as a sentence; empty where there is none."""
        if self.rank_by is not None:
            return f"{'lowest' if self.rank_by.best < 0 else 'highest'} {self.rank_by} first"
        if not self.weights:
            return ""
        parts = []
        for by, weight in self.weights:
            better = "less" if by.best * weight < 0 else "more"
            parts.append(f"{by} x {abs(weight):g} ({better} is better)")
        where = f" within {self.within}" if self.within else ""
        return (
            f"z-scores{where}, {self.winsorise:.0%} winsorised at either end, of {', '.join(parts)}; scored where at least "
            f"{self.least_coverage:.0%} of the weights are known"
        )

    @property
    def used(self) -> tuple[str, ...]:
        """Every metric that the result depends on."""
        parts = [self.where, self.rank_by, *(by for by, _ in self.weights)]
        names = [name for part in parts if part is not None for name in part.metrics]
        return tuple(dict.fromkeys(names + ([self.within] if self.within else [])))


def bundled() -> list[str]:
    """The bundled screens by name."""
    return sorted(path.stem for path in HOME.glob("*.toml"))


def load(name_or_path: str) -> ScreenRules:
    """A bundled screen by name, or a screen's TOML file.

    Raises
    ------
    NotKnown
        Neither; lists the bundled ones.
    RuleError
        With every problem of the file: line, key, value, what was expected.
    """
    path = HOME / f"{name_or_path}.toml" if name_or_path in bundled() else Path(name_or_path)
    try:
        document = toml.read(path, RuleError)
    except NotKnown:
        hint = did_you_mean(name_or_path, bundled())
        raise NotKnown(
            f"no screen {name_or_path!r}: neither a TOML file nor one of {', '.join(bundled())}{hint}"
        ) from None
    return _from_document(document, replace(ScreenRules(), name=path.stem), lambda key: key)


def define(base: ScreenRules | None = None, **options: Any) -> ScreenRules:
    """A screen from options, laid over a loaded one where there is one; None leaves an option as it is.

    Parameters
    ----------
    where, rank_by, sort, within : str
    weights : str, `metric=weight, metric=weight`
    columns : str, separated by commas
    top : int
    include_excluded : bool
    """
    given = {key: value for key, value in options.items() if value is not None}
    if isinstance(given.get("weights"), str):
        given["weights"] = _weights_from_text(given["weights"])
    if isinstance(given.get("columns"), str):
        given["columns"] = split(given["columns"])
    base = base or ScreenRules()
    if "rank_by" in given and "weights" not in given:
        base = replace(base, weights=())
    if "weights" in given and "rank_by" not in given:
        base = replace(base, rank_by=None)
    return _from_document(Document("", given, {}), base, lambda key: f"--{key.replace('_', '-')}")


def split(text: str) -> list[str]:
    """Parts of a list at the commas outside brackets and quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for at, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def _weights_from_text(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in split(text):
        name, sign, number = part.rpartition("=")
        try:
            found[name.strip() if sign else part] = float(number) if sign else 1.0
        except ValueError:
            raise RuleError(f"weights: {part!r}: write metric=number, as in ev_per_mw_secured=2") from None
    return found


def _from_document(document: Document, base: ScreenRules, place: Callable[[str], str]) -> ScreenRules:
    """A screen from a file or from options, laid over `base`; `place` names a key as its writer does."""
    from screener.config.model import examine
    from screener.config.screen_file import ScreenFile

    _, problems = examine(ScreenFile, document)
    wrong = {problem.column.partition(".")[0] for problem in problems}
    problems = [replace(problem, column=place(problem.column)) for problem in problems]
    settings = {key: value for key, value in document.table.items() if key not in wrong}
    values: dict[str, Any] = {key: settings[key] for key in PLAIN_KEYS if key in settings}

    def add(key: str, make: Callable[[], Any]) -> None:
        try:
            values[key] = make()
        except RuleError as error:
            line = document.line((key,))
            problems.append(Problem(document.file, line, place(key), "", "a rule that can be read", str(error)))

    if settings.get("where"):
        add("where", lambda: expression(settings["where"], TRUTH))
    if settings.get("rank_by"):
        add("rank_by", lambda: expression(settings["rank_by"], NUMBER))
    if "weights" in settings:
        add("weights", lambda: tuple((expression(k, NUMBER), float(v)) for k, v in settings["weights"].items()))
    if "columns" in settings:
        add("columns", lambda: tuple(_column(text) for text in settings["columns"]))
    if settings.get("sort"):
        text = settings["sort"].strip()
        add("sort", lambda: (_column(text.removeprefix("-")), text.startswith("-")))
    screen = replace(base, **values)
    if not problems:
        problems = [
            Problem(document.file, document.line((key,)), place(key) if key else "", value, expected, message)
            for key, value, expected, message in _together(screen)
        ]
    if problems:
        raise RuleError.of(document.file, problems)
    return screen


def _column(text: str) -> Expression:
    """A number, or a text metric."""
    name = text.strip()
    is_text = name in TEXTS or (name in METRICS and METRICS[name].unit == "text")
    return expression(text, "text" if is_text else NUMBER)


def _together(rules: ScreenRules) -> Iterator[tuple[str, str, str, str]]:
    """Settings that are right one by one and not together: key, value, what was expected, message."""
    if rules.rank_by is not None and rules.weights:
        yield "rank_by", "", "", "rank by one expression or by weights, not by both"
    if rules.top is not None and not rules.ranked:
        yield "top", "", "", f"the best {rules.top} by what? give rank_by or weights"
    if rules.within and not (rules.within in METRICS and METRICS[rules.within].unit == "text"):
        yield "within", rules.within, "a text metric, such as group", ""
    if rules.where is None and not rules.ranked:
        yield "", "", "", "a screen needs a rule: where, rank_by or weights"
