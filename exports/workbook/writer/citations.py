"""Citations of the methods behind a figure, with the section of docs/methods.md that describes it."""

from __future__ import annotations

import re

# Works that docs/methods.md lists under Sources, by the section that they support.
WORKS = {
    3: "Damodaran, Investment Valuation",
    8: "MacKinnon & White 1985; Bell & McCaffrey 2002; Cameron, Gelbach & Miller 2008",
    11: "Boehmer, Musumeci & Poulsen 1991; Kolari & Pynnonen 2010; Corrado 1989",
}
GAP_WORKS = "Hodges & Lehmann 1963 (estimate); Wilcoxon 1945 (test)"
CURVE_WORKS = "Simonsohn, Simmons & Nelson 2020"
ATTRIBUTION_WORKS = "Shapley 1953"
_SECTION = re.compile(r"METHODS (?:section )?(\d+)")


def section(number: int) -> str:
    """Where a reader finds a section."""
    return f"docs/methods.md section {number}"


def cited(source: str) -> str:
    """A source as a reader sees it: works by author and year, the section of the methods by its place."""

    def place(found: re.Match[str]) -> str:
        number = int(found.group(1))
        return "; ".join(filter(None, (WORKS.get(number), section(number))))

    return _SECTION.sub(place, source)
