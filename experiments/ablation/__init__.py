"""Which settings matter: one at a time, together, and one recommended setting on unseen tasks."""
