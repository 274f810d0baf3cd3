"""So that a latency is the server's: cores that do not sleep, and what is measured goes before all else.

A virtual machine's core that sleeps is given away, and it can take milliseconds to get it back: under a load that
leaves time between requests, that would be the latency.
"""

import os
import subprocess
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

LAST = 19  # nice


@contextmanager
def awake(*cores):
    """These are, while it is entered, by what gives way to all else."""
    with ExitStack() as stack:
        for core in cores:
            spin = ["chrt", "--idle", "0", "taskset", "-c", str(core), "sh", "-c", "while :; do :; done"]
            spinning = stack.enter_context(subprocess.Popen(spin, start_new_session=True))
            stack.callback(spinning.kill)
            # Many kernels share the cores between sessions first, and this one is a session.
            with suppress(OSError):
                Path(f"/proc/{spinning.pid}/autogroup").write_text(str(LAST))
        yield


def go_first(pid):
    """Before all that is not in real time, where that is allowed; for what leaves time to others all the same."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(PermissionError, ProcessLookupError):
            os.sched_setscheduler(int(thread.name), os.SCHED_RR, os.sched_param(1))
