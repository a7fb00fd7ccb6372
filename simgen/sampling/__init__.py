"""Randomness lives here and ends here: a scene plus a seed become Worlds and FrameSpecs.

Purpose: keyed streams and draws, the drawing of objects, scene types (where things lie),
randomizers (light, looks, backdrop), cameras, and the freezing of a draft into a World. In
scope: physics settling, placement of thin plates, counting of what found no place. Out of
scope: building assets (the assets room), pixels (render), reading the clock or the environ.

How a number comes about: every drawer owns a stream keyed by (seed, world or frame, index,
dotted name), so `objects.parts.3.scale` of world 7 is the same number whatever else the
scene file holds, and frame 42 needs no frame 41. Names of streams:

    world W   empty, objects.KEY.{count,INDEX...}, scene, randomizers.KEY, default_light
    frame N   camera.tryT, stress, stress.viewV.camera.tryT
"""
