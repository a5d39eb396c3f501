"""From scores to measures, intervals, curves, and comparisons of models."""
