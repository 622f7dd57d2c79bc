"""Pages to read in a browser: one sweep (``sweep_page``), or several side by side (``comparison_page``)."""
