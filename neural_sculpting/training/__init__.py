"""Training of a batch of networks, round by round."""
