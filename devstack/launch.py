"""Become another program that dies with its parent: ``launch.py PARENT_PID PROGRAM ARGUMENT…``.

Run as a file by a bare interpreter (``python -I -S``), hence the standard library only. The kernel
sends the death signal when the *thread* that forked ends, so callers spawn from their main thread.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask the kernel for the death signal, then replace this process with the program."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the request above could take effect
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606  (no shell is the point)
    except OSError as error:
        sys.exit(f"Cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
