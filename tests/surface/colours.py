"""Checks a screenshot: colours.py FILE.png WIDTH,HEIGHT COLOUR...

It has that size, more than twenty colours, and each of those that are named (rrggbb) in some pixels.
"""

import struct
import sys
import zlib


def pixels(path):
    """Width, height and pixels of a PNG of 8 bits a channel, RGB or RGBA, as rows of (r, g, b)."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and colour in (2, 6) and not interlaced, "an unusual PNG"
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    channels = 3 if colour == 2 else 4
    raw = zlib.decompress(packed)
    stride = width * channels
    above = bytearray(stride)
    rows = []
    for y in range(height):
        start = y * (stride + 1)
        method = raw[start]
        row = bytearray(raw[start + 1 : start + 1 + stride])
        for i in range(stride):
            left = row[i - channels] if i >= channels else 0
            up = above[i]
            corner = above[i - channels] if i >= channels else 0
            if method == 1:
                row[i] = (row[i] + left) & 255
            elif method == 2:
                row[i] = (row[i] + up) & 255
            elif method == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif method == 4:
                guess = left + up - corner
                nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up),
                              (abs(guess - corner), 2, corner))
                row[i] = (row[i] + nearest[2]) & 255
        above = row
        rows.append([tuple(row[i : i + 3]) for i in range(0, stride, channels)])
    return width, height, rows


def main():
    path, size, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    width, height, rows = pixels(path)
    faults = []
    if "%d,%d" % (width, height) != size:
        faults.append("it is %d x %d" % (width, height))
    count = {}
    for row in rows:
        for pixel in row:
            count[pixel] = count.get(pixel, 0) + 1
    if len(count) <= 20:
        faults.append("only %d colours" % len(count))
    for colour in wanted:
        if count.get(tuple(bytes.fromhex(colour)), 0) < 20:
            faults.append("hardly any #" + colour)
    for fault in faults:
        print("%s: %s" % (path, fault))
    sys.exit(bool(faults))


main()
