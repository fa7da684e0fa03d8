"""A port for a server that is about to be started."""

from __future__ import annotations

from examples.demo.programs import draw_ports


def free_port() -> int:
    """Of those that no outgoing connection takes and no bind to port 0 gets, so that nobody else has it before the server does."""
    (port,) = draw_ports(1)
    return port
