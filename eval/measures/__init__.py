"""Metrics over plain values, and their intervals. Knows nothing of the assistant."""
