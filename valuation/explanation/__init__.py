"""A figure walked back through its formula to the inputs that it rests on, and what a change of each would do."""

from valuation.explanation.explain import Explanation, explain

__all__ = ["Explanation", "explain"]
