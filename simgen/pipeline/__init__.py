"""The order of work: scene file -> plan -> run folder -> worlds -> frames -> index.

Purpose: decide what is missing in a run folder and get it done, on one process or many. In
scope: quality presets, the manifest and its refusal of other input, the local pool, dry runs,
run logs, reproducing single frames. Out of scope: everything about one frame (the rooms to the
right do that), talking to people (cli).

- The unit of work and of retry is a world with its views. A stored world is read, never
  redrawn; a frame with a record and whole files is never rendered again.
- What goes wrong in one world costs that world and is listed at the end; a disk that is full
  or cannot be written stops everything.
- Bad input is found before OUT is touched: scene, preset and every asset are checked first.
- Time, host, command and absolute paths live in `runs/` only.
"""
