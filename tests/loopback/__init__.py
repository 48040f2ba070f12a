"""Servers on 127.0.0.1 that stand in for the sources, reached by their unmodified clients over TLS."""
