"""Lint: what is wrong with a dataset, found by looking at every picture and every label.

Purpose: trust before training. `verify` asks whether files are those that were written; lint asks
whether they make sense: labels that agree with pixels, maps and each other, pictures that show
something, sets that are balanced and hold nothing twice. In scope: finding. Out of scope: repair.
"""

from simgen.evaluate.lint.finding import CODES, Finding, Thresholds
from simgen.evaluate.lint.lint import LintResult, lint

__all__ = ["CODES", "Finding", "LintResult", "Thresholds", "lint"]
