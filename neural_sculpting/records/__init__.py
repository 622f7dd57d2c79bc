"""Records of what was found, and the tables, pictures and metrics that are made from them."""
