"""Measures the assistant: how well it finds, judges, refines, answers, cites and declines. Run it as `python -m eval`.

In: questions with known answers, and an assistant. Out: figures, tables and reports.
Nothing in `assistant` imports this package.
"""
