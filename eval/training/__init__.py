"""Fits and trains what ships with the assistant: centres, lexicon, reader, and the relevance check's values.

In: parallel sentences, labelled pairs and questions. Out: the data files beside the code that uses them.
Nothing else in the evaluation uses it.
"""
