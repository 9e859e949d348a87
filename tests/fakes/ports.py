"""Loopback ports for what a test starts, and may kill and start again at the same place.

They lie below the ephemeral range: there, any outgoing connection of the machine may hold the port that
a server wants back, or connect to itself while there is none."""

import socket

FIRST, LAST = 10000, 29999
BLOCK = 8
_claims = []


def free_range(count):
    """The first of `count` ports that no other process gets from here while this one lives, and that nobody
    listens on. They must stay free to be bound, so a claim is a name in the kernel's abstract
    namespace, one a block of ports."""
    size = -(-count // BLOCK) * BLOCK
    for first in range(FIRST, LAST - size + 2, BLOCK):
        claims = []
        try:
            for block in range(first, first + size, BLOCK):
                claims.append(socket.socket(socket.AF_UNIX))
                claims[-1].bind(f"\0autoscaler-test-ports-{block}")
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            for claim in claims:
                claim.close()
            continue
        _claims.extend(claims)
        return first
    raise RuntimeError(f"there is no run of {count} free ports from {FIRST} to {LAST}")


def free_port():
    return free_range(1)
