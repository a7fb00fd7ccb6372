"""Three ways to render the same worlds, each in a process of its own, for `cycles_speed`."""
