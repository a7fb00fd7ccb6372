"""Rigid bodies at rest: MuJoCo behind three functions, geometry in, poses out.

Purpose: drop convex bodies until they lie still, and tell which posed bodies touch. In
scope: convex hulls or convex pieces, a floor, invisible walls, fixed bodies. Out of scope:
thin plates (`sampling.plates` places those analytically), joints, soft bodies.

Lengths are scaled so that a typical body has a bounding radius of 10 cm, and gravity with
them: motion over time stays the same while MuJoCo's absolute tolerances fit dice as well as
boxes. Contacts are stiff (two time steps), so bodies sink in by micrometres; friction is ten
times stiffer, so that heaps do not creep, and acts on rolling and spinning, so that balls and
cans come to rest. Damping that grows with time ("cooling") ends what still rocks. A body that is
faster than any fall has exploded; whoever asked takes it away and draws it again from a stream of
its own.
"""
