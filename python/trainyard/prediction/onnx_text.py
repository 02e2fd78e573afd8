"""Encode a column of free text in an ONNX graph: tf-idf of its words, and of pairs of neighbouring words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from trainyard.prediction.export_onnx import Graph
    from trainyard.trainers.tabular.text_encoder import TextEncoder


def encode_text(graph: Graph, encoder: TextEncoder) -> list[str]:
    """Return the name of the encoded column, float32, shape (rows, terms). See `TextEncoder`.

    Its input is a string of shape (rows, 1) with the words in lower case and a space between two of them: ONNX has no
    operator that finds the words of a text.
    """
    from onnx import TensorProto, helper

    words = graph.input(encoder.column, TensorProto.STRING)
    # A last word that is no term, because a text without words has the shape (1, 0), which not all operators accept.
    ended = graph.add("StringConcat", [words, graph.constant(np.array(" .", dtype=object))])
    split = f"{ended}/split"  # (rows, 1, words), with empty texts as padding
    graph.nodes.append(helper.make_node("StringSplit", [ended], [split, f"{split}/lengths"]))
    row = graph.add("Squeeze", [split, graph.constant(np.array([1], dtype=np.int64))])
    counts = graph.add("TfIdfVectorizer", [row], **_terms(encoder.terms))
    one = graph.constant(np.float32(1))
    logarithm = graph.add("Log", [graph.add("Max", [counts, one])])
    frequency = graph.add("Mul", [graph.add("Add", [logarithm, one]), graph.add("Min", [counts, one])])
    weights = graph.add("Mul", [frequency, graph.constant(np.array(encoder.idf, dtype=np.float32))])
    total = graph.add("ReduceSumSquare", [weights, graph.constant(np.array([1], dtype=np.int64))], keepdims=1)
    # Of a text without terms, the weights are 0 and stay 0.
    total = graph.add("Max", [total, graph.constant(np.float32(1e-30))])
    scale = graph.add("Sqrt", [graph.add("Div", [graph.constant(np.float32(len(encoder.terms))), total])])
    return [graph.add("Mul", [weights, scale])]


def _terms(terms: list[str]) -> dict[str, Any]:
    """Return the attributes that count terms, each at its place in `terms`."""
    places: dict[int, list[int]] = {1: [], 2: []}
    for place, term in enumerate(terms):
        places[1 + term.count(" ")].append(place)
    lengths = [length for length in places if places[length]]
    pool = [word for length in lengths for place in places[length] for word in terms[place].split(" ")]
    # Where the terms of one word and those of two start in the pool.
    starts = [0] if lengths == [1] else [0, len(places[1])]
    return {
        "mode": "TF",
        "min_gram_length": lengths[0],
        "max_gram_length": lengths[-1],
        "max_skip_count": 0,
        "ngram_counts": starts,
        "ngram_indexes": [place for length in lengths for place in places[length]],
        "pool_strings": pool,
    }
