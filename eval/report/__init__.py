"""Saves runs of the evaluation and shows them: as tables, comparisons, and one HTML page.

In: the figures of stages. Out: run.json, text and HTML.
It does not know how the figures were measured.
"""
