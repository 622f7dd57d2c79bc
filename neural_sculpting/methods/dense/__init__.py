"""What can be read from a dense network after training, without pruning it."""
