"""Pictures and pages for people.

Purpose: show what was made, what the labels say about it, and what `evaluate` found. In scope:
contact sheets; pages of an evaluation and of a gap, each as one HTML file that needs no other
(styles, charts and thumbnails inside), Markdown and JSON. Out of scope: computing metrics or
labels; everything drawn here is read from the run folder or the record of `evaluate`.
"""
