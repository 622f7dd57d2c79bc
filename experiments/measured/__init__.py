"""Tables of measurements whose hierarchy is known."""
