"""Ports for the servers of tests, no two of them at once: below those that the kernel gives to connections, so that
none of these takes one between its choice and its use, nor while a server that a test has killed is away.

The blocks are shared with tests/fakes/free_port.h."""

import os
import socket
import threading

FIRST, SIZE, BLOCKS = 10000, 100, 220

_lock = threading.Lock()
_claims = []  # a block is held by a socket, until this process ends
_next = _end = 0


def _claim():
    """A block that no other process has: its name in the network's abstract namespace is free."""
    for turn in range(BLOCKS):
        block = (os.getpid() + turn) % BLOCKS
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0autoscaler-test-ports-{block}")
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return FIRST + SIZE * block
    raise RuntimeError("no block of ports is free: do other tests hang?")


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:  # of something that is no test
            return False
    return True


def take(count=1):
    """The first of `count` ports in a row, at most 100, in which nobody listens."""
    global _next, _end
    with _lock:
        while True:
            if _next + count > _end:
                _next = _claim()
                _end = _next + SIZE
            first, _next = _next, _next + count
            if all(_is_free(port) for port in range(first, first + count)):
                return first
