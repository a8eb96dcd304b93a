"""What a packed file that was cut, mixed up or made by somebody else makes zipfile and numpy say."""

from __future__ import annotations

import zipfile
import zlib

BROKEN = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    OverflowError,
    RuntimeError,  # a member under a password; its subclass for a way of packing that nobody knows
    zipfile.BadZipFile,
    zlib.error,
)
