"""
How HLS says where the parts of a film lie (RFC 8216). Pure.

Each quality is one file. Its playlist names ranges of that file: the head, then one
fragment after the other, each with a key frame first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TYPE = "application/vnd.apple.mpegurl"


@dataclass(frozen=True)
class Variant:
    """A quality, as the master playlist offers it; `index` is the row's."""

    url: str
    name: str
    width: int
    height: int
    index: Mapping[str, Any]
    frame_rate: float | None = None

    @property
    def bandwidth(self) -> int:
        """The most bits a second of any fragment, which is what a player plans with."""
        rates = (size * 8 / seconds for _, size, seconds in self.index["fragments"])
        return math.ceil(max(rates))

    @property
    def average(self) -> int:
        fragments = self.index["fragments"]
        size, seconds = sum(row[1] for row in fragments), sum(row[2] for row in fragments)
        return math.ceil(size * 8 / seconds)


def master(variants: Iterable[Variant]) -> str:
    """The qualities in the order they are given: a player begins with the first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for one in variants:
        said = [
            f"BANDWIDTH={one.bandwidth}",
            f"AVERAGE-BANDWIDTH={one.average}",
            f'CODECS="{",".join(one.index["codecs"])}"',
            f"RESOLUTION={one.width}x{one.height}",
        ]
        if one.frame_rate:
            said.append(f"FRAME-RATE={one.frame_rate:.3f}")
        lines += [f"#EXT-X-STREAM-INF:{','.join(said)}", one.url]
    return "\n".join([*lines, ""])


def media(index: Mapping[str, Any], url: str) -> str:
    """The ranges of the file at `url`."""
    fragments = index["fragments"]
    longest = max(seconds for _, _, seconds in fragments)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        # No fragment, rounded, may be longer than it.
        f"#EXT-X-TARGETDURATION:{max(math.floor(longest + 0.5), 1)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{url}",BYTERANGE="{index["head"]}@0"',
    ]
    for offset, size, seconds in fragments:
        lines += [f"#EXTINF:{seconds:.6f},", f"#EXT-X-BYTERANGE:{size}@{offset}", url]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])
