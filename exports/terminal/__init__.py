"""Results printed in a terminal of 80 columns."""
