"""Build graders/text/wordnet30.bin from WordNet 3.0's files (Debian package `wordnet-base`).

    python tools/build_wordnet.py [/usr/share/wordnet [graders/text/wordnet30.bin]]

METEOR compares lower-case single words, so only lemmas written that way can be matched. A synset
without one is dropped, and so is a lemma that occurs in no other synset. The content is the same
bytes on every machine; its zlib wrapping may differ between versions of zlib.

Content, integers little-endian: magic; uint32 counts (matchable words, all words, bytes of the
word list, bytes of the exception list, synsets of each of the four parts of speech, entries); the
words, one a line: the matchable ones sorted, then the others sorted; the exceptions, one
`part form base...` a line; uint8 entries of each synset; uint32 entries, `2 * word + matchable`.
"""

from __future__ import annotations

import re
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

MAGIC = b"WORDNET3"
PARTS = ("noun", "verb", "adj", "adv")
SOURCE = Path("/usr/share/wordnet")
TARGET = Path(__file__).parents[1] / "graders" / "text" / "wordnet30.bin"

_MARKER = re.compile(r"\([a-z]+\)$")  # syntactic marker of an adjective: galore(ip)


def content(source: Path) -> bytes:
    """The uncompressed table."""
    parts = [[s for s in synsets(source / f"data.{p}") if any(map(matchable, s))] for p in PARTS]
    everything = [lemma for part in parts for synset in part for lemma in synset]
    names = sorted({lemma for lemma in everything if matchable(lemma)})
    others = sorted({lemma.lower() for lemma in everything} - set(names))
    words = names + others
    number = {word: i for i, word in enumerate(words)}

    coded = [
        sorted(sorted(2 * number[x.lower()] + matchable(x) for x in synset) for synset in part)
        for part in parts
    ]
    sizes = [len(synset) for part in coded for synset in part]
    entries = [entry for part in coded for synset in part for entry in synset]

    text = "\n".join(words).encode("ascii")
    irregular = "\n".join(exceptions(source)).encode("ascii")
    counts = (len(names), len(words), len(text), len(irregular), *map(len, coded), len(entries))
    return b"".join(
        (
            MAGIC,
            struct.pack("<9I", *counts),
            text,
            irregular,
            bytes(sizes),
            struct.pack(f"<{len(entries)}I", *entries),
        )
    )


def synsets(path: Path) -> Iterator[list[str]]:
    """The lemmas of each synset of a data file, as written there."""
    with path.open(encoding="ascii") as lines:
        for line in lines:
            if line.startswith(" "):  # licence
                continue
            fields = line.split()
            count = int(fields[3], 16)
            yield [_MARKER.sub("", lemma) for lemma in fields[4 : 4 + 2 * count : 2]]


def exceptions(source: Path) -> Iterator[str]:
    """The irregular forms: `part form base...`, the last line of a form winning."""
    for part in PARTS:
        lines = (source / f"{part}.exc").read_text(encoding="ascii").splitlines()
        last = {line.split()[0]: line.split()[1:] for line in lines}
        for form, bases in sorted(last.items()):
            yield " ".join((part, form, *bases))


def matchable(lemma: str) -> bool:
    """Whether a lower-case word without spaces can equal the lemma."""
    return "_" not in lemma and lemma == lemma.lower()


def main(source: Path = SOURCE, target: Path = TARGET) -> None:
    """Write the compressed table."""
    target.write_bytes(zlib.compress(content(source), 9))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
