"""The sheets of the workbook in their order, by the question that each answers: the one list of them.

Brief and Contents link to what stands here; a sheet's module is imported when it is written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from exports.workbook.writer import context

STUDIES, NAV, EARLIER = "--studies", "--nav", "--store"
ANSWER, GAP, COMPANIES, BUSINESS, BASIS = (
    "The answer", "How large the gap is, and how sure", "Who is dear and who is cheap",
    "What the companies own, owe and have signed", "What every figure rests on",
)  # fmt: skip


@dataclass(frozen=True)
class SheetInfo:
    """A sheet: its name, the question that it answers, its part of the workbook, the option that adds it.

    A hidden sheet holds helper cells and stands at the end. `module` is the file in `exports.workbook.sheets`.
    """

    name: str
    question: str
    part: str
    option: str = ""
    module: str = ""
    hidden: bool = False

    @property
    def home(self) -> str:
        """The module that writes it."""
        return f"exports.workbook.sheets.{self.module or self.name.lower().replace(' ', '_')}"


REGISTRY = (
    SheetInfo(context.BRIEF, "What is the gap, how sure is it, what changed, who stands out, what is stale?", ANSWER),
    SheetInfo(context.CHANGES, "What moved since the previous run, and why?", ANSWER, EARLIER),
    SheetInfo(context.SUMMARY, "What are the headline figures, and which checks hold?", ANSWER),
    SheetInfo(context.CONTENTS, "Which sheet answers which question?", ANSWER),
    SheetInfo(context.GAP, "How large is the gap under each definition, and week by week?", GAP),
    SheetInfo(context.CURVE, "Does the gap depend on how it is defined?", GAP, STUDIES),
    SheetInfo(context.REGRESSION, "How much more is a megawatt worth with contracted AI revenue?", GAP),
    SheetInfo(context.EVENTS, "How did prices react to contracts and capital raises?", GAP, STUDIES),
    SheetInfo(context.SIGNING, "What happened to price and EV per MW around first AI contracts?", GAP, STUDIES),
    SheetInfo(context.SCREEN, "What is each company's group, value, EV per MW and status?", COMPANIES),
    SheetInfo(context.MULTIPLES, "What does each company cost per MW, and over revenue, EBITDA and backlog?", COMPANIES),
    SheetInfo(context.NAV, "What is each company worth part by part, and what does its price imply?", COMPANIES, NAV),
    SheetInfo(context.FIELD, "What is a share worth by each method, and where does its price stand?", COMPANIES, NAV),
    SheetInfo(context.SENSITIVITY, "What do bitcoin's price and the cap rate do to price over NAV?", COMPANIES, NAV),
    SheetInfo(context.SCENARIOS, "What does each scenario do to each company?", COMPANIES, NAV),
    SheetInfo(context.BRIDGE, "How does the share price become enterprise value?", BUSINESS, module="bridge"),
    SheetInfo(context.CONTRACTS, "What has each company signed, with whom, and on what terms?", BUSINESS),
    SheetInfo(context.PHASES, "When do the MW of each contract come into service?", BUSINESS),
    SheetInfo(context.TAPE, "What rent does each contract pay, and who pays it?", BUSINESS),
    SheetInfo(context.BACKLOG, "What does each contract still pay, year by year?", BUSINESS, NAV),
    SheetInfo(context.DCF, "What are the signed contracts worth today?", BUSINESS, NAV),
    SheetInfo(context.FUNDING, "What must be raised, and what does it cost a share?", BUSINESS, NAV),
    SheetInfo(context.MINING, "What does mining earn, and at which power price does it break even?", BUSINESS, NAV),
    SheetInfo(context.MIX, "How much of revenue is mining, and how much AI?", BUSINESS, STUDIES, module="mix"),
    SheetInfo(context.DATA, "Which facts were used, from which source, published when?", BASIS),
    SheetInfo(context.QUALITY, "What is stale, a stand-in, unknown or in dispute?", BASIS),
    SheetInfo(context.ASSUMPTIONS, "What is assumed, and which switches are set?", BASIS),
    SheetInfo(context.GLOSSARY, "What does each term mean?", BASIS),
    SheetInfo(context.CHART_DATA, "Cells behind the charts of Brief.", BASIS, hidden=True),
)  # fmt: skip
OF_MINING = (context.MINING, context.MIX)
# Written after the sheets whose cells they link to.
LINKING = (context.FIELD, context.SENSITIVITY)
OF = {sheet.name: sheet for sheet in REGISTRY}
SHEETS = tuple(OF)
STUDY_SHEETS, NAV_SHEETS = (
    tuple(sheet.name for sheet in REGISTRY if sheet.option == option) for option in (STUDIES, NAV)
)


def present(*, studies: bool, nav: bool, changes: bool, mining: bool = True) -> tuple[SheetInfo, ...]:
    """The sheets of a workbook, in order; without mining its sheets are hidden, since net asset values link to them."""
    without = {STUDIES: not studies, NAV: not nav, EARLIER: not changes}
    shown = [sheet for sheet in REGISTRY if not without.get(sheet.option, False)]
    if mining:
        return tuple(shown)
    return tuple(
        replace(sheet, hidden=True, module=sheet.module or "mining") if sheet.name in OF_MINING else sheet
        for sheet in shown
    )
