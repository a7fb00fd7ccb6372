"""Curating: subsets, filters, splits, merges of datasets, and their differences.

Purpose: the set that is trained on is rarely the set that was rendered. All are Dataset -> Dataset:
files are linked, records carry provenance, memory does not grow with the frames. In scope: which
frames and labels go where. Out of scope: what is wrong with them (`evaluate.lint`).
"""
