"""Pruning: scores, schedule and selection as pure functions, and the Lightning callbacks that use them."""
