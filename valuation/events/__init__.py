"""Event studies: abnormal returns around contract announcements, excess returns around capital raises."""

from valuation.events.market_model import study
from valuation.events.mean_tests import MeanReturnTest, bmp, corrado, cross_sectional_t, holm, kolari_pynnonen
from valuation.events.raises import INSTRUMENTS, excess_around, raises, without_announcement
from valuation.events.result import EventStudies, EventStudy
from valuation.events.timing import AFTER_CLOSE, EVENT_COLUMNS, TIMINGS, Timing, adjust_for_splits, label, week_ends

__all__ = [
    "AFTER_CLOSE",
    "EVENT_COLUMNS",
    "INSTRUMENTS",
    "TIMINGS",
    "EventStudies",
    "EventStudy",
    "MeanReturnTest",
    "Timing",
    "adjust_for_splits",
    "bmp",
    "corrado",
    "cross_sectional_t",
    "excess_around",
    "holm",
    "kolari_pynnonen",
    "label",
    "raises",
    "study",
    "week_ends",
    "without_announcement",
]
