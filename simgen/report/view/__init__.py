"""The page of a dataset: browse, filter, and see every label on its picture.

Purpose: static files that open from disk and from any web server, at ten thousand frames and more.
What is needed at once (columns to filter by) is one script; labels come in scripts of some hundred
frames when they are looked at, as pages from disk may not fetch but may load scripts. Pictures stay
where they are; thumbnails and coloured maps are made beside the page. Out of scope: judging (lint).
"""

from simgen.report.view.page import ViewOptions, ViewResult, write_view

__all__ = ["ViewOptions", "ViewResult", "write_view"]
