"""The metrics of text_similarity that compare texts here, one row each.

`cosine` is not among them: it compares embeddings, which a model has to be asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Words = Literal["rouge", "split", ""]
Family = Literal["rouge_n", "rouge_l", "bleu", "gleu", "meteor", "fuzzy"]


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric reads and what defines its numbers.

    `words` is the tokeniser whose words are counted here ("" = the metric reads whole texts),
    `order` the longest n-gram that is counted (0 = none). Every metric runs from 0 to 1.
    """

    family: Family
    words: Words
    order: int
    definition: str


METRICS: dict[str, Metric] = {
    "rouge_1": Metric("rouge_n", "rouge", 1, "rouge-score rouge1, F"),
    "rouge_2": Metric("rouge_n", "rouge", 2, "rouge-score rouge2, F"),
    "rouge_3": Metric("rouge_n", "rouge", 3, "rouge-score rouge3, F"),
    "rouge_4": Metric("rouge_n", "rouge", 4, "rouge-score rouge4, F"),
    "rouge_5": Metric("rouge_n", "rouge", 5, "rouge-score rouge5, F"),
    "rouge_l": Metric("rouge_l", "rouge", 0, "rouge-score rougeL, F"),
    "bleu": Metric("bleu", "split", 4, "nltk sentence_bleu of str.split words"),
    "gleu": Metric("gleu", "split", 4, "nltk sentence_gleu of str.split words"),
    "meteor": Metric("meteor", "", 0, "nltk single_meteor_score of str.split words"),
    "fuzzy_match": Metric("fuzzy", "", 0, "rapidfuzz WRatio of default_process, by 100"),
}
