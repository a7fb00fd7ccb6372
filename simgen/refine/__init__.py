"""Refiners: the pixels of a dataset change, its labels do not.

Purpose: narrow the gap between rendered and real pictures without moving what the labels say.
In scope: the refiners (plugins), their configs, fitting one to photographs. Out of scope: geometry
(a refiner may change the size of a picture, by an exact factor, and nothing else), judging whether
labels still hold (evaluate), the order of the work (pipeline).
"""
