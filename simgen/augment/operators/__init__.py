"""Operators: one augmenter a file."""
