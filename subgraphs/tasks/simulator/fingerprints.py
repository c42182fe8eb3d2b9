"""What a million recipients did, in little memory.

A table from 64-bit fingerprints to a 32-bit number, in two arrays with open addressing: 12 bytes a
slot, at most two thirds of the slots in use, so a million entries take 25 MB; a dict takes 150.
Two keys share a fingerprint once in 2^64 / n^2 tables of n entries: not in our time.
"""

import hashlib
from array import array

__all__ = ["FingerprintTable"]

SLOTS_FIRST = 1 << 10
FILL_MAX = 2 / 3
VALUE_MAX = 2**32 - 1


class FingerprintTable:
    """Remembers a number for each key; keys are never taken out."""

    def __init__(self) -> None:
        self._clear(SLOTS_FIRST)

    def __len__(self) -> int:
        return self._used

    def put(self, key: str, value: int) -> int | None:
        """Set the number of a key and answer the one before; None when the key is new."""
        fingerprint = _fingerprint(key)
        slot = self._slot_of(fingerprint)
        if self._keys[slot]:
            before = self._values[slot]
            self._values[slot] = min(value, VALUE_MAX)
            return before
        self._keys[slot] = fingerprint
        self._values[slot] = min(value, VALUE_MAX)
        self._used += 1
        if self._used > len(self._keys) * FILL_MAX:
            self._grow()
        return None

    def get(self, key: str) -> int | None:
        """The number of a key."""
        slot = self._slot_of(_fingerprint(key))
        return self._values[slot] if self._keys[slot] else None

    def add(self, key: str) -> bool:
        """Count a key once more; whether it was there before."""
        return self.put(key, 1) is not None

    def _clear(self, slots: int) -> None:
        self._keys = array("Q", bytes(8 * slots))
        self._values = array("I", bytes(4 * slots))
        self._used = 0

    def _slot_of(self, fingerprint: int) -> int:
        mask = len(self._keys) - 1
        slot = fingerprint & mask
        while self._keys[slot] not in (0, fingerprint):
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._clear(2 * len(keys))
        for fingerprint, value in zip(keys, values, strict=True):
            if fingerprint:
                slot = self._slot_of(fingerprint)
                self._keys[slot] = fingerprint
                self._values[slot] = value
                self._used += 1


def _fingerprint(key: str) -> int:
    # 0 marks an empty slot.
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) or 1
