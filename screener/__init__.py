"""Screen listed bitcoin miners and AI infrastructure: gather what was known on a date, value it, write it down.

    import screener

    report = screener.run("miners", "2026-01-16", source="bundled", nav=True)

`run` gives one report. The same in steps, with the data loaded once for several questions:

    day = "2026-01-16"
    config = screener.resolve_config("miners")
    data = screener.load_inputs(config.universe, day, source="bundled")
    screen, gap = screener.gap_study(config, data, day)
    history = screener.gap_history(config, data, "2025-01-03", day)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from screener._version import __version__

if TYPE_CHECKING:
    from screener.errors import (
        AssumptionsError,
        InputError,
        NotKnown,
        ScreenerError,
        SourceError,
        StoreError,
        StrictError,
        UniverseError,
    )
    from screener.gathering import InputData
    from screener.loading import load_inputs
    from screener.pipeline import run
    from screener.run_config import RunConfig, resolve_config
    from screener.screen import screens
    from screener.sources.registry import register as register_source
    from screener.sources.source import Source
    from screener.studies import (
        event_studies,
        gap_history,
        gap_study,
        quarterly_panel,
        regression_study,
        revenue_mix,
    )
    from screener.studies.claims import check_claims
    from screener.studies.indicators import indicators
    from screener.universes import Universe
    from screener.universes import load as load_universe

# Where each public name is: looked up when it is first asked for, so that `import screener` loads nothing else.
_HOME = {
    "AssumptionsError": "errors",
    "InputData": "gathering",
    "InputError": "errors",
    "NotKnown": "errors",
    "RunConfig": "run_config",
    "ScreenerError": "errors",
    "Source": "sources.source",
    "SourceError": "errors",
    "StoreError": "errors",
    "StrictError": "errors",
    "Universe": "universes",
    "UniverseError": "errors",
    "check_claims": "studies.claims",
    "event_studies": "studies",
    "gap_history": "studies",
    "gap_study": "studies",
    "indicators": "studies.indicators",
    "load_inputs": "loading",
    "load_universe": "universes:load",
    "quarterly_panel": "studies",
    "register_source": "sources.registry:register",
    "regression_study": "studies",
    "resolve_config": "run_config",
    "revenue_mix": "studies",
    "run": "pipeline",
    "screens": "screen",
}

__all__ = [
    "AssumptionsError",
    "InputData",
    "InputError",
    "NotKnown",
    "RunConfig",
    "ScreenerError",
    "Source",
    "SourceError",
    "StoreError",
    "StrictError",
    "Universe",
    "UniverseError",
    "__version__",
    "check_claims",
    "event_studies",
    "gap_history",
    "gap_study",
    "indicators",
    "load_inputs",
    "load_universe",
    "quarterly_panel",
    "register_source",
    "regression_study",
    "resolve_config",
    "revenue_mix",
    "run",
    "screens",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, other = _HOME[name].partition(":")
    value = getattr(importlib.import_module(f"{__name__}.{module}"), other or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
