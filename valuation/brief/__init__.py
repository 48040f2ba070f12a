"""The brief of a screen: five answers for a committee, from findings and figures alone."""

from valuation.brief.compose import brief
from valuation.brief.result import FRESHNESS, GAP_POINT, LIMITS, QUESTIONS, STANDING, WEEK, Brief, Point
from valuation.brief.week import MOVERS, NO_EARLIER_RUN, week

__all__ = [
    "FRESHNESS",
    "GAP_POINT",
    "LIMITS",
    "MOVERS",
    "NO_EARLIER_RUN",
    "QUESTIONS",
    "STANDING",
    "WEEK",
    "Brief",
    "Point",
    "brief",
    "week",
]
