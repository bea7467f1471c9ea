"""Finds passages for a question, judges whether they answer it, and selects the evidence in them.

In: a question and the index. Out: graded passages, a verdict, and evidence as strips.
It does not know how an answer is written.
"""
