"""simgen: a scene file becomes an annotated vision dataset.

The rooms, their nouns and the import contract are described in each room's own
docstring; `pyproject.toml` holds the contract as import-linter rules.
"""

__version__ = "0.1.0"
