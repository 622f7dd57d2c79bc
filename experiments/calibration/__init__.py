"""Calibration: tasks with a known answer, and how often the answer of their trials is right."""
