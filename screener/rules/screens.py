"""A screen: who is in, how they are ranked, what is shown. A small TOML file, options, or both."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from screener.errors import NotKnown, RuleError
from screener.rules.check import NUMBER, TEXTS, TRUTH, Expression, expression
from valuation.metrics import METRICS

HOME = Path(__file__).parent / "screens"
TEXT_KEYS = ("title", "about", "where", "rank_by", "sort", "within")
KEYS = (*TEXT_KEYS, "top", "columns", "weights", "winsorise", "least_coverage", "include_excluded")


@dataclass(frozen=True)
class ScreenRules:
    """What a screen asks for.

    Attributes
    ----------
    name, title, about : str
    where : Expression or None
        A condition; None lets everybody in.
    rank_by : Expression or None
        A number: the best first, the lowest where the registry says that less is better, else the highest.
    weights : pairs (Expression, weight)
        The composite score instead: winsorised z-scores, each turned so that better is higher, and weighted. A
        negative weight turns its metric round; it is how an expression, which the registry does not know, says that
        less is better.
    within : str
        Text metric within which z-scores are taken; empty for all names of the date.
    winsorise : float
        Tail pulled in on either side before the z-score.
    least_coverage : float
        A name needs known metrics of at least this share of the weights to be scored.
    top : int or None
        The best so many of those who are in.
    columns : Expressions
        What is shown.
    sort : pair (Expression, descending) or None
        Order of what is shown; by rank unless said.
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
        """Whether it orders the names that are in."""
        return self.rank_by is not None or bool(self.weights)

    @property
    def ranking(self) -> str:
        """How names are ordered, in words; empty where they are not."""
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
        """Every metric that the result rests on."""
        parts = [self.where, self.rank_by, *(by for by, _ in self.weights)]
        names = [name for part in parts if part is not None for name in part.metrics]
        return tuple(dict.fromkeys(names + ([self.within] if self.within else [])))


def bundled() -> list[str]:
    """The screens that come with the program."""
    return sorted(path.stem for path in HOME.glob("*.toml"))


def load(name_or_path: str) -> ScreenRules:
    """A bundled screen by name, or a screen's TOML file.

    Raises
    ------
    NotKnown
        Neither; lists the bundled ones.
    RuleError
        What is wrong in the file, by key.
    """
    path = HOME / f"{name_or_path}.toml" if name_or_path in bundled() else Path(name_or_path)
    if not path.is_file():
        raise NotKnown(f"no screen {name_or_path!r}: neither a TOML file nor one of {', '.join(bundled())}")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(f"{path.name}: not valid TOML in UTF-8 ({error})") from None
    return _from_settings(path.name, replace(ScreenRules(), name=path.stem), found)


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
    return _from_settings("", base, given)


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


def _from_settings(file: str, base: ScreenRules, settings: dict[str, Any]) -> ScreenRules:
    def place(key: str) -> str:
        return f"{file}: {key}" if file else f"--{key.replace('_', '-')}"

    for key, value in settings.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1) or [", ".join(KEYS)]
            raise RuleError(f"{file}: {key!r} is not known; known: {near[0]}")
        _check_type(place(key), key, value)
    out = replace(base, **{key: settings[key] for key in ("title", "about", "top", "winsorise", "least_coverage",
                                                           "include_excluded") if key in settings})  # fmt: skip
    if settings.get("where"):
        out = replace(out, where=expression(settings["where"], TRUTH, place("where")))
    if settings.get("rank_by"):
        out = replace(out, rank_by=expression(settings["rank_by"], NUMBER, place("rank_by")))
    if "weights" in settings:
        pairs = [(expression(k, NUMBER, place("weights")), float(v)) for k, v in settings["weights"].items()]
        out = replace(out, weights=tuple(pairs))
    if "columns" in settings:
        out = replace(out, columns=tuple(_column(text, place("columns")) for text in settings["columns"]))
    if settings.get("sort"):
        text = settings["sort"].strip()
        out = replace(out, sort=(_column(text.removeprefix("-"), place("sort")), text.startswith("-")))
    if "within" in settings:
        out = replace(out, within=settings["within"])
    _check_whole(place, out)
    return out


def _column(text: str, place: str) -> Expression:
    """A number, or a text metric."""
    name = text.strip()
    is_text = name in TEXTS or (name in METRICS and METRICS[name].unit == "text")
    return expression(text, "text" if is_text else NUMBER, place)


def _check_type(place: str, key: str, value: Any) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    right, expected = {
        "top": (number and isinstance(value, int) and value > 0, "a whole number above zero"),
        "winsorise": (number and 0 <= value < 0.5, "a fraction from 0 to below 0.5"),
        "least_coverage": (number and 0 <= value <= 1, "a fraction from 0 to 1"),
        "include_excluded": (isinstance(value, bool), "true or false"),
        "columns": (isinstance(value, list) and all(isinstance(v, str) for v in value), "a list of texts"),
        "weights": (isinstance(value, dict) and bool(value), "a section, [weights], of metric = number"),
    }.get(key, (isinstance(value, str), "a text"))
    if not right:
        raise RuleError(f"{place}: {value!r}: expected {expected}")
    if key == "weights":
        for name, weight in value.items():
            if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < abs(weight) < 1e6:
                raise RuleError(f"{place}: {name} = {weight!r}: expected a number other than zero")


def _check_whole(place: Any, rules: ScreenRules) -> None:
    if rules.rank_by is not None and rules.weights:
        raise RuleError(f"{place('rank_by')}: rank by one expression or by weights, not by both")
    if rules.top is not None and not rules.ranked:
        raise RuleError(f"{place('top')}: the best {rules.top} of what? give rank_by or weights")
    if rules.within and not (rules.within in METRICS and METRICS[rules.within].unit == "text"):
        raise RuleError(f"{place('within')}: {rules.within!r}: expected a text metric, such as group")
    if rules.where is None and not rules.ranked:
        raise RuleError("a screen needs a rule: where, rank_by or weights")
