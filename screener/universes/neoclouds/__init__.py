"""The bundled view of GPU clouds and data-centre landlords: settings alone, the rows are those of `miners`."""
