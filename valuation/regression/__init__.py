"""The regression of EV per MW on AI share: line, diagnostics, prediction, panel."""
