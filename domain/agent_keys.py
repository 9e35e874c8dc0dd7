"""What the present key of an agent signs to name the next one."""

from __future__ import annotations

from base64 import b64encode


def key_statement(agent: str, new_key: bytes) -> bytes:
    """One text for one agent and key; it is the form of no batch.

    >>> key_statement("hall-2", bytes(3))
    b'lineproof next key\\nhall-2\\nAAAA\\n'
    """
    return f"lineproof next key\n{agent}\n{b64encode(new_key).decode()}\n".encode()
