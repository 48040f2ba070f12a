"""The bundled universe: listed bitcoin miners and the AI infrastructure they build."""
