"""Writer of workbooks: cells, styles, charts, citations, file."""
