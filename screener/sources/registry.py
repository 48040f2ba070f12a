"""The registry of sources: what `--source` takes, and who is asked. A source is added here and nowhere else."""

from __future__ import annotations

from screener.errors import NotKnown
from screener.sources.source import Source
from screener.sources.yahoo.source import YAHOO

BUNDLED = "bundled"
AUTO = "auto"
LEDGER = "ledger"  # what the sources told before, on this machine
# What an update asks for, in this order.
PARTS = ("prices", "network", "filings")
# How long a source may take to show that it answers, before `auto` falls back.
PROBE_SECONDS = 5.0

LIVE: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a live source; `auto` asks the sources in the order in which they were added."""
    if source.name in (AUTO, BUNDLED, LEDGER):
        raise ValueError(f"a source cannot be called {source.name!r}")
    LIVE[source.name] = source


def choices() -> tuple[str, ...]:
    """What `--source` takes."""
    return (AUTO, BUNDLED, LEDGER, *LIVE)


def find(name: str) -> Source | None:
    """The live source of this name; None for the universe's own files and for the ledger.

    Raises
    ------
    NotKnown
        No such source.
    """
    if name in (BUNDLED, LEDGER):
        return None
    if name not in LIVE:
        raise NotKnown(f"no source {name!r}; known: {', '.join(choices())}")
    return LIVE[name]


def title(name: str) -> str:
    """The name of a source as written in sentences."""
    return LIVE[name].title if name in LIVE else "the ledger" if name == LEDGER else name


def page(name: str, symbol: str) -> str:
    """Address of a symbol's page at a source; empty where there is none."""
    return LIVE[name].page.format(symbol) if name in LIVE else ""


def packages(name: str) -> tuple[str, ...]:
    """The packages whose versions belong to a run on a source."""
    return LIVE[name].packages if name in LIVE else ()


def describe() -> str:
    """The help of `--source`."""
    every = "; ".join(f"{source.name}: {source.gives} of {source.title}, or exit code 3" for source in LIVE.values())
    first = " or ".join(source.title for source in LIVE.values())
    return (
        f"auto: {first} for what is older than its time-to-live, or the stored data with a warning where there is no "
        f"answer within {PROBE_SECONDS:.0f} s; bundled: the universe's own files; ledger: with what sources told "
        f"before, no network; {every}."
    )


register(YAHOO)
