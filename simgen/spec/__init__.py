"""The YAML gate: what people write is checked here once, richly, with line numbers.

Purpose: turn a scene or config file into frozen, validated models, or into a list of all
faults with file, line, dotted path and cure. In scope: reading YAML safely, `extends`,
`--set`, distributions as a grammar, the skeleton of scene files. Out of scope: plugins'
own parameters (the plugin room validates those through the same machinery), drawing numbers,
numpy.
"""
