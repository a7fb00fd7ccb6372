"""The command line: one file per verb, loaded when the verb is used.

Purpose: parse, call, print. stdout is data, stderr is talk. Exit 0: done; 1: the work failed;
2: usage or bad input. Nothing heavy is imported at module level (`simgen --help` < 150 ms), and
no other room imports this one.
"""

from __future__ import annotations


def main() -> None:
    """Entry point of the `simgen` command."""
    from simgen.cli.group import run

    run()
