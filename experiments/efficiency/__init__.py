"""How cheap can a search be: schedules, ways of pruning and an adaptive search, beside all pairs of steps."""
