"""Augmenting a dataset: config, donors, the stage, a preview, and samples while training.

Purpose: `simgen augment` and the wrapper that does the same on the fly. In scope: which samples
meet which augmenters. Out of scope: what these do (augment), the runner (stage).
"""
