"""Reads Korean and English text: its language, blocks, hidden parts, sentences, search terms, numbers and names.

In: strings. Out: spans, terms and small values.
It does not know files, models or questions.
"""
