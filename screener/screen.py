"""The main job: universe + date + source + assumptions -> Screen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from screener import __version__, known, provenance, universes
from screener.errors import NotKnown, SourceError, StrictError, UniverseError
from screener.sources import Failure, Fetched, bundled
from screener.sources.combine import DIFFERENCE_COLUMNS, combine
from screener.sources.plausible import plausible
from screener.universes import Universe
from valuation import company, gap, regression
from valuation.assumptions import Assumptions, Bridge, differences
from valuation.errors import NotEstimable
from valuation.groups import BITCOIN, DEFAULT_RULE, PIVOT, RULES, Rule
from valuation.inputs import Inputs
from valuation.screen import Screen

if TYPE_CHECKING:
    from valuation.scenarios import Scenario

SOURCES = ("auto", "bundled", "yahoo")
PROBE_SECONDS = 5.0
PRICE_HISTORY_DAYS = 30
MOST_HISTORY_DAYS = 365


@dataclass(frozen=True)
class Gathered:
    """Facts, closes and splits of a run, and how they were come by.

    `facts` and `closes` say in `file` and `line` where each row comes from: a file of the universe, or the source.
    """

    facts: pd.DataFrame
    closes: pd.DataFrame
    splits: pd.DataFrame
    differences: pd.DataFrame
    failures: tuple[Failure, ...]
    source: str
    fell_back: str
    retrieved_at: pd.Timestamp | None
    provider: pd.DataFrame


@dataclass(frozen=True)
class Terms:
    """What a screen is made under."""

    universe: Universe
    assumptions: Assumptions
    switches: Bridge
    rule: Rule


def run(
    universe: str | Universe,
    as_of: pd.Timestamp,
    *,
    source: str = "auto",
    rule: str | None = None,
    assumptions: Assumptions | None = None,
    switches: Bridge | None = None,
    research: bool = False,
    worth: bool = False,
    scenarios: Sequence[Scenario] = (),
    progress: Callable[[str], None] | None = None,
) -> Screen:
    """Screen a universe as of a date.

    Parameters
    ----------
    universe : str or Universe
        A bundled name, a folder, or a loaded universe.
    as_of : Timestamp
        Nothing published after this day reaches the result.
    source : {"auto", "bundled", "yahoo"}
        auto: Yahoo, and the bundled closes where it cannot be reached within five seconds.
    rule : str, optional
        Group rule (`valuation.groups.RULES`); the universe's own by default.
    research : bool
        Add the studies beside the screen (`Screen.research`): more than twice the time of the screen itself.
    worth : bool
        Value contracts, mining and net assets too (`Screen.worth`).
    scenarios : sequence of Scenario
        What-ifs over them (`Screen.outcomes`); implies `worth`.
    progress : callable, optional
        Told in words what is being waited for.

    Raises
    ------
    UniverseError, NotKnown
        The universe or the date is wrong.
    SourceError
        source="yahoo" and nothing could be got.
    AssumptionsError
        A scenario leads out of a number's bounds.
    """
    tell = progress or (lambda _: None)
    terms = agree(universe, rule=rule, assumptions=assumptions, switches=switches)
    gathered = gather(terms.universe, as_of, source, tell)
    tell("valuing")
    result = next(screens(terms, gathered, [as_of]))
    # Imported here: neither is needed for a screen alone.
    if worth or scenarios:
        from screener.appraisal import appraise

        tell("valuing contracts, mining and net assets")
        result = appraise(terms, gathered, result, scenarios)
    if research:
        from screener.research import deepen

        tell("studying definitions, history, regression, mix and events")
        result = deepen(terms, gathered, result)
    return result


def agree(
    universe: str | Universe,
    *,
    rule: str | None = None,
    assumptions: Assumptions | None = None,
    switches: Bridge | None = None,
) -> Terms:
    """What a screen is made under: the universe's own settings where nothing else is asked for.

    Raises
    ------
    UniverseError, NotKnown
        The universe or the rule is wrong.
    """
    loaded = universe if isinstance(universe, Universe) else universes.load(universe)
    name = rule or loaded.settings.get("groups", {}).get("rule", DEFAULT_RULE)
    if name not in RULES:
        raise UniverseError(f"group rule {name!r} is not known; known: {', '.join(RULES)}")
    if loaded.companies.empty:
        raise UniverseError(f"universe {loaded.name}: companies.csv names no company, so there is nothing to screen")
    return Terms(loaded, assumptions or assumptions_of(loaded), switches or Bridge(), RULES[name])


def screens(terms: Terms, gathered: Gathered, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex) -> Iterator[Screen]:
    """One screen a date, ascending, from the same facts; all dates are looked up and valued at once.

    Raises
    ------
    NotKnown
        No close on or before the first date.
    """
    if not (gathered.closes["date"] <= dates[0]).any():
        first = gathered.closes["date"].min()
        known_from = "there is none at all" if pd.isna(first) else f"the first is of {first:%Y-%m-%d}"
        raise NotKnown(f"no close is known on or before {dates[0]:%Y-%m-%d}; {known_from}")
    inputs, used = known.as_known(
        terms.universe, dates, terms.assumptions,
        facts=gathered.facts, closes=gathered.closes, splits=gathered.splits,
    )  # fmt: skip
    valued = company.value(inputs, terms.assumptions, terms.switches, terms.rule)
    for as_of in inputs.market.index:
        yield _on(as_of, terms, gathered, inputs.at(as_of), valued.at(as_of), used[used["as_of"] == as_of])


def manifests(
    terms: Terms, gathered: Gathered, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex
) -> list[dict[str, Any]]:
    """The manifests that `screens` would give, without valuing anything: enough to know what was run before."""
    inputs, _ = known.as_known(
        terms.universe, dates, terms.assumptions,
        facts=gathered.facts, closes=gathered.closes, splits=gathered.splits,
    )  # fmt: skip
    return [_manifest(terms, gathered, day, inputs.at(day)) for day in inputs.market.index]


def _on(
    as_of: pd.Timestamp,
    terms: Terms,
    gathered: Gathered,
    inputs: Inputs,
    valued: company.Valuation,
    used: pd.DataFrame,
) -> Screen:
    """The screen of one date from what was known and valued on it."""
    loaded, assumptions, chosen = terms.universe, terms.assumptions, terms.rule
    table, status, causes = (frame.droplevel("as_of") for frame in (valued.table, valued.status, valued.causes))
    order = _order(table)
    table, status, causes = table.loc[order], status.loc[order], causes.loc[order]

    measured = gap.measure(table, status, causes, chosen, assumptions)
    line, note = _regress(table, status, causes, assumptions)
    bridge = valued.bridge.droplevel("as_of").loc[order]
    items = inputs.items.droplevel("as_of").loc[order]
    facts = provenance.facts_used(loaded, gathered, inputs, used, as_of)
    return Screen(
        universe=loaded.name,
        title=loaded.title,
        as_of=as_of,
        table=table,
        status=status,
        causes=causes,
        companies=inputs.companies.loc[order],
        bridge=bridge,
        instruments=valued.instruments,
        contracts=valued.contracts,
        shares=valued.shares.droplevel("as_of").loc[order],
        inputs=items,
        gap=measured,
        regression=line,
        regression_note=note,
        facts=facts,
        issues=provenance.issues(gathered, table, status, causes, facts, valued.contracts, items, bridge),
        btc_usd=float(inputs.market["btc_usd"].iloc[0]),
        assumptions=assumptions,
        switches=terms.switches,
        rule=chosen,
        manifest=_manifest(terms, gathered, as_of, inputs),
    )


def assumptions_of(universe: Universe) -> Assumptions:
    """The toolkit's assumptions with the universe's `[defaults]` laid over them.

    Raises
    ------
    UniverseError
        A name in `[defaults]` that is no assumption.
    """
    try:
        return Assumptions.from_settings(universe.settings.get("defaults", {}))
    except (ValueError, TypeError) as error:
        raise UniverseError(str(error)) from error


def gather(universe: Universe, as_of: pd.Timestamp, source: str, tell: Callable[[str], None]) -> Gathered:
    """Facts and closes from the source asked for; auto falls back to the bundled ones and says why."""
    fell_back = ""
    if source in ("auto", "yahoo"):
        from screener.sources import yahoo

        tell("asking whether Yahoo can be reached")
        if source == "yahoo" or yahoo.reachable(PROBE_SECONDS):
            try:
                return _with_live(universe, _fetch_yahoo(universe, as_of, tell))
            except SourceError as error:
                if source == "yahoo":
                    raise
                fell_back = str(error)
        else:
            fell_back = f"Yahoo gave no answer within {PROBE_SECONDS:.0f} seconds"
    own = bundled.fetch(universe)
    nothing = pd.DataFrame(columns=DIFFERENCE_COLUMNS)
    return Gathered(own.facts, own.closes, own.splits, nothing, (), own.source, fell_back, None, own.provider)


def _fetch_yahoo(universe: Universe, as_of: pd.Timestamp, tell: Callable[[str], None]) -> Fetched:
    from screener.sources import yahoo

    # Back to the last reviewed closes: a day that both know shows whether it is the same security on the same basis.
    reviewed = universe.prices[universe.prices["date"] <= as_of].groupby("ticker")["date"].max()
    since = min([as_of - pd.Timedelta(days=PRICE_HISTORY_DAYS), *reviewed])
    since = max(since, as_of - pd.Timedelta(days=MOST_HISTORY_DAYS))
    return yahoo.fetch(list(universe.companies["ticker"]), since=since, until=as_of, progress=tell)


def _with_live(universe: Universe, answered: Fetched) -> Gathered:
    live = plausible(universe, answered)
    facts, closes, splits, differences = combine(universe, live)
    return Gathered(
        facts, closes, splits, differences, live.failures, live.source, "", live.retrieved_at, live.provider
    )


def _order(table: pd.DataFrame) -> pd.Index:
    """Pivots, then the others, then those outside the statistics; within each the dearest per secured MW first."""
    rank = {PIVOT: 0, BITCOIN: 1}
    block = table["group"].map(lambda g: rank.get(g, 2)).where(table["excluded"] == "", 3)
    keys = pd.DataFrame({"block": block, "ev": -table["ev_per_mw_secured"]})
    return keys.sort_index(kind="stable").sort_values(["block", "ev"], kind="stable").index


def _regress(
    table: pd.DataFrame, status: pd.DataFrame, causes: pd.DataFrame, assumptions: Assumptions
) -> tuple[regression.Regression | None, str]:
    metrics = ["ev_per_mw_secured", "ai_share_contracted"]
    reason = gap.sample(table, status, causes, metrics)["reason"]
    chosen = table.loc[reason == "", [*metrics, "group"]]
    try:
        line = regression.primary(
            chosen, level=assumptions.confidence_level, draws=assumptions.bootstrap_draws, seed=assumptions.seed
        )
        return line, ""
    except NotEstimable as error:
        return None, str(error)


def _manifest(terms: Terms, gathered: Gathered, as_of: pd.Timestamp, inputs: Inputs) -> dict[str, Any]:
    prices = provenance.prices_used(gathered, inputs)
    latest = prices["date"].max()
    oldest = terms.assumptions.max_age_price_days
    late = prices[(prices["date"] < latest) & ((as_of - prices["date"]).dt.days > oldest)]
    manifest: dict[str, Any] = {
        "universe": terms.universe.name,
        "as_of": f"{as_of:%Y-%m-%d}",
        "version": __version__,
        "price_source": gathered.source,
        "price_date": "unknown" if pd.isna(latest) else f"{latest:%Y-%m-%d}",
        "price_age_days": None if pd.isna(latest) else int((as_of - latest).days),
        "prices_from": {str(name): int(count) for name, count in prices["source"].value_counts().items()},
        "late_prices": {str(ticker): f"{day:%Y-%m-%d}" for ticker, day in late["date"].items()},
        "btc_usd": _plain(inputs.market["btc_usd"].iloc[0]),
        "group_rule": terms.rule.name,
        "switches": asdict(terms.switches),
        "assumptions": asdict(terms.assumptions),
        "packages": _versions(live=gathered.source != "bundled"),
        "input_sha256": dict(sorted(terms.universe.hashes.items())),
    }
    if gathered.source != "bundled":
        manifest |= _answers(gathered, as_of)
    # Of what went in: the same answers got an hour later are the same run.
    manifest["run_id"] = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:12]
    manifest["changed"] = {item["name"]: item["value"] for item in _changed(terms)}
    manifest["fell_back"] = gathered.fell_back
    manifest["retrieved_at"] = None if gathered.retrieved_at is None else gathered.retrieved_at.isoformat()
    return manifest


def _answers(gathered: Gathered, as_of: pd.Timestamp) -> dict[str, str]:
    """Hashes of all that a live source said and a screen may rest on."""
    # Its statements count as published on the day on which they were asked for, which is no part of what they say.
    live = gathered.facts[gathered.facts["line"].isna() & (gathered.facts["published_on"] <= as_of)]
    rest = [_hash(frame) for frame in (gathered.splits, gathered.differences, gathered.provider)]
    rest += sorted(str(failure) for failure in gathered.failures)
    return {
        "closes_sha256": _hash(gathered.closes),
        "facts_sha256": _hash(live[["ticker", "item", "period_end", "value"]]),
        "rest_sha256": hashlib.sha256(json.dumps(rest).encode()).hexdigest(),
    }


def _hash(frame: pd.DataFrame) -> str:
    """Of the rows, whatever their order: symbols are asked side by side and answer as they please."""
    rows = np.sort(pd.util.hash_pandas_object(frame, index=False).to_numpy())
    return hashlib.sha256(rows.tobytes()).hexdigest()


def _changed(terms: Terms) -> list[dict[str, Any]]:
    """What somebody changed from the defaults of this universe."""
    return differences(terms.assumptions, assumptions_of(terms.universe)) + differences(terms.switches, Bridge())


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _versions(*, live: bool) -> dict[str, str]:
    import importlib.metadata

    names = ["numpy", "pandas", "statsmodels", "xlsxwriter", *(["yfinance"] if live else [])]
    return {name: importlib.metadata.version(name) for name in names}


def insist(screen: Screen) -> None:
    """Raise StrictError where a company in the statistics rests on stale or incomplete data (`--strict`)."""
    counted = screen.gap.members["ev_per_mw_secured"]
    miners = screen.table["excluded"] == ""
    state = screen.status["ev_per_mw_secured"]
    stale = list(state.index[counted & (state == "stale")])
    missing = list(state.index[miners & (state == "missing")])
    parts = []
    if screen.prices_are_old:
        parts.append(screen.price_line)
    if stale:
        parts.append(f"stale: {', '.join(stale)}")
    if missing:
        parts.append(f"incomplete: {', '.join(missing)}")
    if parts:
        raise StrictError("strict: " + "; ".join(parts) + " (see the Quality sheet)")


def weeks(universe: Universe, since: pd.Timestamp, until: pd.Timestamp) -> pd.DatetimeIndex:
    """The dates of the universe's weekly closes within [since, until]."""
    dates = pd.DatetimeIndex(np.sort(universe.prices["date"].unique()))
    return dates[(dates >= since) & (dates <= until)]
