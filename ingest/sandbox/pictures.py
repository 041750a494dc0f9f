"""Front covers drawn from title and artist: a record's grooves in colours that follow from the name, as PNG.

Standard library only; the same name gives the same bytes. Nothing about sources, except the names of their picture files.
"""

import colorsys
import math
import struct
import zlib
from functools import lru_cache

from ingest.sandbox.words import number

SIDE = 160
SPOTIFY_SIZES = {640: "b273", 300: "1e02", 64: "4851"}
# 3 x 5 letters, one number per row of three bits.
LETTERS = {
    "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644", "G": "34553", "H": "55755",
    "I": "72227", "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555", "O": "25552", "P": "65644",
    "Q": "25563", "R": "65655", "S": "34216", "T": "72222", "U": "55557", "V": "55552", "W": "55775", "X": "55255",
    "Y": "55222", "Z": "71247", "0": "75557", "1": "26227", "2": "61247", "3": "61216", "4": "55711", "5": "74616",
    "6": "34757", "7": "71244", "8": "75757", "9": "75716", "&": "25257", "-": "00700", "'": "22000", "!": "22202",
}  # fmt: skip


def spotify_name(album_id: str, size: int) -> str:
    """The file name of a Spotify picture, as long as real ones."""
    return f"ab67616d0000{SPOTIFY_SIZES[size]}{number('spotify picture', album_id):016x}{number(album_id):08x}"[:40]


@lru_cache(maxsize=256)
def cover(title: str, artist: str) -> bytes:
    """A square PNG for a title and an artist."""
    seed = number("cover", title, artist)
    rows = _grooves(seed)
    for line, text in enumerate(_lines(title)):
        _write(rows, text, 8, 8 + 14 * line)
    _write(rows, "".join(_plain(artist))[:36], 8, SIDE - 12, 1)
    return _png(rows, _palette(seed))


def _palette(seed: int) -> bytes:
    hue = (seed % 360) / 360
    turn = ((seed >> 10) % 5 + 1) / 9
    colours = []
    for step in range(15):
        red, green, blue = colorsys.hls_to_rgb((hue + turn * step / 15) % 1, 0.18 + 0.045 * step, 0.45)
        colours.append(bytes((int(red * 255), int(green * 255), int(blue * 255))))
    return b"".join(colours) + b"\xfa\xf6\xec"


def _grooves(seed: int) -> list[bytearray]:
    across, down = 30 + seed % 100, 40 + (seed >> 8) % 80
    wide = 3.0 + (seed >> 16) % 5
    slope = ((seed >> 24) % 7 - 3) / 60
    return [
        bytearray(int(math.hypot(column - across, row - down) / wide + slope * column) % 15 for column in range(SIDE))
        for row in range(SIDE)
    ]


def _plain(text: str) -> list[str]:
    import unicodedata

    folded = unicodedata.normalize("NFKD", text).upper()
    return [sign for sign in folded if sign in LETTERS or sign == " "]


def _lines(title: str) -> list[str]:
    lines = [""]
    for word in "".join(_plain(title)).split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > 18:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [line[:18] for line in lines[:5]]


def _write(rows: list[bytearray], text: str, left: int, top: int, scale: int = 2) -> None:
    for place, sign in enumerate(text):
        for down, bits in enumerate(LETTERS.get(sign, "00000")):
            for across in range(3):
                if int(bits) >> (2 - across) & 1:
                    column = left + (place * 4 + across) * scale
                    for line in range(top + down * scale, top + (down + 1) * scale):
                        if line < SIDE and column + scale <= SIDE:
                            rows[line][column : column + scale] = bytes((15,)) * scale


def _png(rows: list[bytearray], palette: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\x00" + bytes(row) for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data) for kind, data in ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", pixels), (b"IEND", b""))
    )
