"""Sampled rows: networks beside tables and boosted trees."""
