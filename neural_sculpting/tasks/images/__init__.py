"""Labeled images, and pairs of them side by side, stored as pairs of image indices.

With n pixels in an image, inputs 0 to n - 1 of a network are the left image row by row, inputs n to 2n - 1 the right
one.
"""
