"""The process that holds Blender. It imports bpy, blenderproc, numpy and the standard library.

It is started as a top-level package (`python -m worker`), so that its interpreter needs none
of simgen's other dependencies; hence the relative imports here. It reads messages from
standard input and answers on what was standard output; Blender's chatter goes to a log.
"""
