"""`python -m simgen.cli`."""

from simgen.cli import main

main()
