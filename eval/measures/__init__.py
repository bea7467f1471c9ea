"""Metrics and their confidence intervals.

In: plain values, such as ids, labels and scores. Out: numbers.
It does not know the assistant.
"""
