"""More labels on request, one file each, found as plugins (`simgen.annotators`).

A scene file asks for them: `annotators: {boxes: {kind: box_3d}}`. They see a whole sample, so
what they say can be worked out for any rendered frame, now or later, and nothing else changes.
"""
