"""`simgen plan`: from wanted shares to weights, by keyed pilots that move no later frame.

Purpose: a scene file with `balance:` or `stress:` becomes a scene file with numbers: `odds` and
`count` of the collections, `frames` of the edge cases. In scope: drawing pilots (`pilot`),
weights for class shares (`tilting`), shares of frames for edge cases (`quotas`), the file
(`resolved`), the order of it all (`plan`). Out of scope: choosing the view of a frame (`sampling.
stressing`, at render time), looking at a view (`annotate.probe`), what was realised
(`simgen coverage`).

The order: a natural pilot measures how many labels an object of each kind brings; weights follow.
A second pilot under these weights measures again, because neighbours hide each other: what else
is drawn changes what is seen; its rates correct the weights, and so on until the expected shares
are within half the tolerance. Edge cases are measured in between, under the weights of the day.
Pilots are drawn from streams of their own (stages `pilot0`, `pilot1`, ... of the same seed).
"""
