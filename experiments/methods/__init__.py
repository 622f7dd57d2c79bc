"""Other methods beside sculpting, and what chance would give."""
