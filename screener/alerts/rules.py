"""The rules of [alerts] and the alerts that a run raises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from valuation._words import count, day
from valuation.comparison.changes import Changes, Snapshot

if TYPE_CHECKING:
    from screener.config.alerts import AlertSettings


@dataclass(frozen=True)
class Alert:
    """An alert: the rule as named in [alerts], the company (empty: the whole screen), and what happened."""

    rule: str
    ticker: str
    text: str

    def __str__(self) -> str:
        return f"{self.ticker}: {self.text}" if self.ticker and self.ticker not in self.text else self.text


def met(
    settings: AlertSettings, now: Snapshot, changes: Changes | None, waiting_days: Sequence[int] = ()
) -> list[Alert]:
    """The alerts of a run, compared with the previous run where there is one.

    Parameters
    ----------
    waiting_days : sequence of int
        Age in days of each proposed fact that nobody has accepted or rejected yet.
    """
    found = _gap(settings, now, changes) + _waiting(settings, waiting_days)
    if now.manifest.get("fell_back"):
        found.append(Alert("goes_stale", "", f"live prices are not available: {now.manifest['fell_back']}"))
    found += [
        Alert("held_back", one["ticker"], f"{one['title']} is held back: {one['reason']}")
        for one in now.manifest.get("held_back", [])
    ]
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
    basis = now.basis
    text = f"the gap {basis.verb('is', 'was')} {ratio:.2f}x, outside {low:g}x to {high:g}x{was}"
    return [Alert("gap_band", "", basis.sentence(text))]


def _waiting(settings: AlertSettings, waiting_days: Sequence[int]) -> list[Alert]:
    """An alert where proposed facts have waited for longer than `proposals_wait_days`."""
    late = [age for age in waiting_days if age > settings.proposals_wait_days]
    if not late:
        return []
    text = (
        f"{count(len(late), 'proposed fact')} waiting for review for more than "
        f"{count(settings.proposals_wait_days, 'day')}, the oldest for {count(max(late), 'day')}"
    )
    return [Alert("proposals_wait", "", text)]


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
    """One alert for each item that went stale since the previous run, with its companies and the days it stands for."""
    before, after = changes.before, changes.after
    inside = after.table.index[after.table["excluded"] == ""].intersection(before.table.index, sort=False)
    known = before.freshness[before.freshness["stale"]]
    was = set(zip(known["ticker"], known["item"], strict=True))
    now = after.freshness[after.freshness["stale"] & after.freshness["ticker"].isin(inside)]
    new = now[[pair not in was for pair in zip(now["ticker"], now["item"], strict=True)]]
    found = []
    for title, rows in new.groupby("title", sort=False):
        limit = count(rows["limit_days"].iloc[0], "day")
        days = sorted(rows["period_end"].unique())
        of = day(days[0]) if len(days) == 1 else f"{day(days[0])} to {day(days[-1])}"
        tickers = [ticker for ticker in inside if ticker in set(rows["ticker"])]
        text = f"{title} of {of} is older than {limit}: {', '.join(tickers)}"
        found.append((len(tickers), str(title), Alert("goes_stale", tickers[0] if len(tickers) == 1 else "", text)))
    return [alert for *_, alert in sorted(found, key=lambda one: (-one[0], one[1]))]
