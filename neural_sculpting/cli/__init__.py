"""The parts of the command line that :mod:`neural_sculpting.run` puts together."""
