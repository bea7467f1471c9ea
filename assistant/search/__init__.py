"""Finds passages for a question, judges whether they answer it, and cuts out the evidence.

In: a question and the index. Out: graded passages, a verdict and evidence.
It does not know who writes the answer.
"""
