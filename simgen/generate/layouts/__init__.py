"""Fitting of the law of layouts (room sampling, `layouts`) to labelled pictures.

Purpose: counts, classes, sizes, places and spacing of real annotations become one small file.
In scope: what is measured of a picture, margins, copulas. Out of scope: reading COCO files and
writing (pipeline), drawing (sampling). A few moments of numpy; nothing is trained.
"""
