"""Pictures for tests, made with all that a telephone puts beside the pixels."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

SECRET = b"28.1234N 121.5678E camera of Wang"


def picture(format: str = "JPEG", size: tuple[int, int] = (80, 60), turned: bool = False) -> bytes:
    """A red picture with a blue left edge; place, camera and a comment beside it."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((20, 20, 220), (0, 0, size[0] // 4, size[1]))
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif.get_ifd(0x8825)[2] = (28.0, 7.0, 24.0)
    exif.get_ifd(0x8825)[1] = "N"
    if turned:
        exif[0x0112] = 6  # held upright: to be turned by 90 degrees
    out = io.BytesIO()
    more = {"comment": SECRET} if format == "JPEG" else {}
    image.save(out, format, exif=exif, **more)
    return out.getvalue() + b"<script>" + SECRET  # what lies behind the end goes as well


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it has so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def pixels(image: bytes) -> Image.Image:
    return Image.open(io.BytesIO(image), formats=("JPEG",)).convert("RGB")
