"""Measures the assistant: how well it finds, judges, refines, answers, cites and declines.

Imports `assistant`; nothing in `assistant` imports this package. Run it as `python -m eval`.
"""
