"""Free ports on loopback."""

import random
import socket

FIRST, LAST = 15_000, 32_000
"""Below the ephemeral range of Linux (32768, ip(7)): a client that knocks on the closed port of a
server being restarted must not be given that very port as its own end."""

_drawn: set[int] = set()


def free_port() -> int:
    """A port on which nothing listens, never given twice by this process.

    Drawn by the system: runs of tests side by side set the same seed, and would draw alike.
    """
    draw = random.SystemRandom()
    for _ in range(LAST - FIRST):
        port = draw.randrange(FIRST, LAST)
        if port in _drawn or not _is_free(port):
            continue
        _drawn.add(port)
        return port
    raise OSError("no free port on loopback")


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((host, port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
