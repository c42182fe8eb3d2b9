"""What becomes of a message in a simulated network: decided by a seed and the recipient only."""

import hashlib

__all__ = ["share_of"]


def share_of(seed: int, recipient: str, purpose: str) -> float:
    """A number from 0 to 1 that is always the same for the same arguments, else spread evenly."""
    text = f"{seed}:{recipient}:{purpose}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest()) / 2**48
