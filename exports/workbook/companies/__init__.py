"""A sheet for each company, with links to the sheets that compute its figures."""
