"""What every sheet of a workbook is written with: cells, styles, charts, file."""
