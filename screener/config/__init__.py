"""Settings read from files through typed models: alerts, limits, scenarios, screens, assumptions, a universe's own.

The models import pydantic (0.1 s), so a module of theirs is imported where a settings file is read and not before.
"""
