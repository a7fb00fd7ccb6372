"""Pictures of a dataset for people.

Purpose: show what was made and what the labels say about it. In scope: contact sheets. Out of
scope: computing metrics or labels; everything drawn here is read from the run folder.
"""
