"""nltk with WordNet 3.0 from Debian's files."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def nltk_wordnet(wordnet: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """nltk's reader of WordNet 3.0.

    nltk opens corpora below its data path only, and wants two files that Debian leaves out:
    the 45 names of lexicographers' files, which no lemma depends on, and the index of senses,
    which may be empty.
    """
    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    folder = tmp_path_factory.mktemp("nltk_data") / "corpora" / "wordnet"
    folder.mkdir(parents=True)
    for pattern in ("data.*", "index.*", "*.exc", "cntlist.rev"):
        for file in wordnet.glob(pattern):
            shutil.copy(file, folder)
    (folder / "lexnames").write_text("".join(f"{i}\tfile{i}\t0\n" for i in range(45)))
    (folder / "index.sense").touch()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nltk.data, "path", [str(folder.parents[1])])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # no multilingual data
            reader = WordNetCorpusReader(nltk.data.find("corpora/wordnet"), None)
        yield reader
        for stream in reader._data_file_map.values():
            stream.close()
