"""Comes from evidence to an answer: written or quoted, checked, or declined.

In: a question, its verdict and evidence. Out: a growing answer whose last state is whole.
It does not know where the evidence was found.
"""
