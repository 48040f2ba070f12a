"""The rules of [alerts] and the alerts that a run raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from valuation.comparison.changes import Changes, Snapshot

if TYPE_CHECKING:
    from screener.config.alerts import AlertSettings

FRESHNESS = ("price_usd", "enterprise_value_usd", "secured_mw", "ai_share_contracted")


@dataclass(frozen=True)
class Alert:
    """An alert: the rule as named in [alerts], the company (empty: the whole screen), and what happened."""

    rule: str
    ticker: str
    text: str

    def __str__(self) -> str:
        return f"{self.ticker}: {self.text}" if self.ticker and self.ticker not in self.text else self.text


def met(settings: AlertSettings, now: Snapshot, changes: Changes | None) -> list[Alert]:
    """The alerts of a run, compared with the previous run where there is one."""
    found = _gap(settings, now, changes)
    if now.manifest.get("fell_back"):
        found.append(Alert("goes_stale", "", f"live prices are not available: {now.manifest['fell_back']}"))
    if changes is None:
        return found
    if settings.ev_per_mw_move is not None:
        found += _moves(settings.ev_per_mw_move, changes)
    if settings.group_change:
        found += [
            Alert("group_change", str(row.Index), f"group changed from {row.group_before} to {row.group_after}")
            for row in changes.group_moves.itertuples()
        ]
    if settings.goes_stale:
        found += _stale(changes)
    return found


def failed(reason: str) -> Alert:
    """The alert of a run that failed."""
    return Alert("run_fails", "", f"the weekly run failed: {reason}")


def _gap(settings: AlertSettings, now: Snapshot, changes: Changes | None) -> list[Alert]:
    """An alert when the gap leaves its band; a gap that stays outside does not raise it again."""
    ratio = now.headline["ratio"]
    if settings.gap_band is None or ratio is None:
        return []
    low, high = settings.gap_band
    before = changes.before.headline["ratio"] if changes else None
    if changes and changes.before.headline["statistic"] != now.headline["statistic"]:
        before = None  # another statistic of an earlier version is no earlier value of this one
    was_outside = before is not None and not low <= before <= high
    if low <= ratio <= high or was_outside:
        return []
    was = "" if before is None else f"; previous run {before:.2f}x"
    return [Alert("gap_band", "", f"the gap is {ratio:.2f}x, outside {low:g}x to {high:g}x{was}")]


def _moves(more_than: float, changes: Changes) -> list[Alert]:
    movers = changes.movers
    large = movers[movers["relative"].abs() > more_than]
    return [
        Alert(
            "ev_per_mw_move",
            str(row.Index),
            f"EV per secured MW from ${row.before:.2f}m to ${row.after:.2f}m ({row.relative:+.0%}), mostly {row.main}",
        )
        for row in large.itertuples()
    ]


def _stale(changes: Changes) -> list[Alert]:
    """One alert for each cause that is new since the previous run, with the companies affected."""
    before, after = changes.before, changes.after
    affected: dict[str, list[str]] = {}
    for ticker in after.table.index.intersection(before.table.index, sort=False):
        if after.table.at[ticker, "excluded"]:
            continue
        for cause in _ages(after, ticker) - _ages(before, ticker):
            affected.setdefault(cause, []).append(str(ticker))
    return [
        Alert("goes_stale", tickers[0] if len(tickers) == 1 else "", f"{cause}: {', '.join(tickers)}")
        for cause, tickers in sorted(affected.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _ages(run: Snapshot, ticker: str) -> set[str]:
    """The stale inputs of a company; the other causes of its figures are proxies and missing inputs."""
    causes = (str(run.causes.at[ticker, metric]).split("; ") for metric in FRESHNESS)
    return {cause for some in causes for cause in some if cause.endswith(" old") or "older than" in cause}
