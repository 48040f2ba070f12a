"""Charts as inline SVG: scales, places of labels, drawing."""

from exports.html.charts.svg import figure

__all__ = ["figure"]
