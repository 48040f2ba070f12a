"""Pages as one small self-contained HTML file."""
