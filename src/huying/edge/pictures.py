"""Pictures as they come in: told by their bytes, made anew, and nothing kept of what came with them.

What is kept is a JPEG that we wrote ourselves: no place, camera, name or time of the sender's telephone, no
second file behind the first, nothing that only some programs read otherwise. It takes up to a second of one
core, so it is done by two threads of its own, and strangers may not ask for it often.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

from huying.base.clock import Clock
from huying.base.refusal import Refusal
from huying.domain.picturing import KeepPhoto
from huying.edge.buckets import Buckets

# What a telephone of today takes: 50 million pixels are some 12 MB of JPEG.
BYTES_MAX = 16 * 1024 * 1024
PIXELS_MAX = 50_000_000
# Long edge of what is kept, in pixels: a number plate across the street can be read, a page of text too.
EDGE_MAX = 2_560
QUALITY = 85
# A sheet is no picture: a strip of 1 × 50,000,000 pixels would be scaled to nothing.
SIDE_MAX = 30_000
FORMATS = ("JPEG", "PNG", "WEBP")
# Two at once, 200 MB each at the most; the rest waits, up to so many.
THREADS = 2
WAITING_MAX = 32
# Pictures that one address of strangers, or one account or key, may hand in: at once, and a minute later.
STRANGERS_BURST, STRANGERS_PER_MINUTE = 12, 3
KNOWN_BURST, KNOWN_PER_MINUTE = 120, 60


def made_anew(raw: bytes) -> KeepPhoto:
    """The picture as it will be kept. Only its first frame, turned the way it was held.

    Raises:
        Refusal: `photo_unreadable` for what is no JPEG, PNG or WebP, or broken; `photo_too_big` for too many
            pixels; `too_large` for too many bytes.
    """
    if len(raw) > BYTES_MAX:
        raise Refusal("too_large", limit=BYTES_MAX)
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as image:
            width, height = image.size
            if width * height > PIXELS_MAX or max(width, height) > SIDE_MAX:
                raise Refusal("photo_too_big", limit=PIXELS_MAX // 1_000_000)
            return _made(image)
    except Refusal:
        raise
    except MemoryError:
        raise Refusal("busy") from None
    except Image.DecompressionBombError:
        raise Refusal("photo_too_big", limit=PIXELS_MAX // 1_000_000) from None
    except Exception as error:  # decoders of other people's files fail in every way there is
        raise Refusal("photo_unreadable") from error


def _made(image: Image.Image) -> KeepPhoto:
    image.draft("RGB", (EDGE_MAX, EDGE_MAX))  # JPEG only: decode no more than is kept
    turned = ImageOps.exif_transpose(image)
    if turned.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in turned.info:
        clear = turned.convert("RGBA")
        plain = Image.new("RGB", clear.size, "white")
        plain.paste(clear, mask=clear.getchannel("A"))
    elif turned.mode.startswith("I;16") or turned.mode in ("I", "F"):
        plain = turned.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert("RGB")
    else:
        plain = turned.convert("RGB")
    plain.thumbnail((EDGE_MAX, EDGE_MAX))
    # A new picture from the pixels alone: `info` (EXIF, comments, profiles) stays with the old one.
    bare = Image.frombytes("RGB", plain.size, plain.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return KeepPhoto(image=out.getvalue(), width=bare.width, height=bare.height)


class Pictures:
    """Takes pictures in and opens kept ones: `unseal` gives the bytes by the number of the fact."""

    def __init__(self, clock: Clock, unseal: Callable[[int], bytes]) -> None:
        self.unseal = unseal
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="picture")
        self._waiting = 0
        self._strangers = Buckets(STRANGERS_PER_MINUTE / 60, STRANGERS_BURST, clock)
        self._known = Buckets(KNOWN_PER_MINUTE / 60, KNOWN_BURST, clock)

    def count(self, actor: str, address: str) -> None:
        """Refuse (`too_many`) who hands in too much; `actor` is empty for strangers."""
        allowed = self._known.take(actor) if actor else self._strangers.take(address)
        if not allowed:
            raise Refusal("too_many")

    async def take(self, raw: bytes) -> KeepPhoto:
        """`made_anew` in a thread; refuses `busy` when too many wait."""
        if self._waiting >= WAITING_MAX:
            raise Refusal("busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, made_anew, raw)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
