"""Records as bytes: canonical, typed, and safe to read in threads."""

from __future__ import annotations

import subprocess
import sys

THREADS = """
import sys, threading
from simgen.dataset.records import FrameRecord
from simgen.records.serial import from_json, from_plain
import msgspec
sys.setswitchinterval(1e-6)
barrier = threading.Barrier(4)

def read(kind):
    barrier.wait()
    try:
        from_json(kind, b"{}") if threading.get_ident() % 2 else from_plain(kind, {})
    except msgspec.ValidationError:
        pass

threads = [threading.Thread(target=read, args=(FrameRecord,)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_the_first_reading_may_be_in_several_threads():
    # Without the lock one process in about six ended with a segmentation fault.
    running = [subprocess.Popen([sys.executable, "-c", THREADS]) for _ in range(10)]
    assert [process.wait(120) for process in running] == [0] * 10
