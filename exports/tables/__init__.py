"""Result tables for machines: CSV and JSON."""
