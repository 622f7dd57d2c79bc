"""Networks that are trained in another way than sculpting does, and read by the same readers."""
