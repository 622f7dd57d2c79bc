"""How often random hierarchies are found, by depth, fan-in and reuse."""
