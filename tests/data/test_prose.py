"""The prose that Python ships.  It differs between versions of Python, so only properties are tested."""

import numpy as np
import pytest

from ibcourse.data import letter_counts, letter_pair_counts, load, topic_word_counts
from ibcourse.information import entropy, mutual_information

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def text():
    return load("prose")


def test_it_is_long_english(text):
    assert len(text) > 100_000
    counts = letter_counts(text)
    assert ALPHABET[counts.argmax()] == "e"
    assert {ALPHABET[i] for i in np.argsort(counts)[-6:]} <= set("etaoinsr")
    assert (counts > 0).all()
    assert 2.7 < entropy(counts / counts.sum()) < 3.0  # English: about 4.2 bits a letter


def test_no_rules_and_no_repeated_paragraphs(text):
    assert all(any(c.isalpha() for c in line) for line in text.splitlines() if line.strip())
    paragraphs = text.split("\n\n")
    assert len(paragraphs) == len(set(paragraphs)) > 1000


def test_unknown_name():
    with pytest.raises(ValueError, match=r'^there is no data set "prosa"; expected one of: prose, china, '):
        load("prosa")


def test_counts_of_a_short_text():
    counts = letter_counts("Zebra, zebra; É ß 9")
    assert dict(zip(ALPHABET, counts, strict=True)) == {a: 2 if a in "zebra" else 0 for a in ALPHABET}
    assert letter_counts("").tolist() == [0] * 26


def test_pairs_of_a_short_text():
    pairs = letter_pair_counts("The th.e 't he")
    found = {ALPHABET[i] + ALPHABET[j]: int(pairs[i, j]) for i, j in zip(*pairs.nonzero(), strict=True)}
    assert found == {"th": 2, "he": 2}
    assert letter_pair_counts("").shape == (26, 26)
    assert letter_pair_counts("a").sum() == 0


def test_letters_tell_about_the_next_one(text):
    pairs = letter_pair_counts(text)
    assert pairs.sum() > 100_000
    q, u = ALPHABET.index("q"), ALPHABET.index("u")
    assert pairs[q].argmax() == u
    assert 0.5 < mutual_information(pairs / pairs.sum()) < 0.7


def test_words_of_topics():
    counts, topics, words = topic_word_counts(least=30)
    assert counts.shape == (len(topics), len(words))
    assert "the" in words
    assert counts.sum(axis=0).min() >= 30
    assert words == sorted(words)
