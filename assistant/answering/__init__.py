"""Makes an answer from the evidence: written by a language model or quoted, checked, or declined.

In: a question, its verdict and evidence. Out: a growing answer; its last state is complete and checked.
It does not know how the evidence was found.
"""
