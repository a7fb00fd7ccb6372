"""The farm: pieces of work over workers that die, hang, run out of memory or come back late.

Purpose: make every piece exactly once in effect, on one process, a pool of processes, or a
cluster, and say what could not be made. In scope: who works on what (`book`, `drive`), tries,
limits, the kinds of workers (`inline`, `local`). Out of scope: what a piece is and how it is
made. The farm knows keys and titles; `Work.open` gives a worker its tools, and results are files.

How it holds together:

- *The book* decides what is tried when. It knows no clock, process or disk, so that a simulation
  of a million frames runs the very code that a laptop runs.
- *The drive* joins the book with a crew of workers, watches limits and memory, and stops in good
  order. There is one loop for every kind of worker.
- *A crew* starts workers, hands pieces over and tells what happened. A worker is never trusted
  to end: it is killed with all its children when it hangs, grows too large or is not wanted.
- A piece that fails is tried again on a fresh worker, later each time; what fails on three of
  them is set aside with its reasons, and the rest goes on. Bad input is not tried again.
"""
