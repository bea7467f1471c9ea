"""What can be said of Korean and English text by itself: its language, sentences, search terms, numbers and names.

In: strings. Out: spans, terms and small values.
It does not know notes, models or questions.
"""
