"""Reads the `data-…` attributes of the button behind an event."""

import gradio as gr


def told(event: gr.EventData, key: str) -> str:
    """Return the button's `data-KEY` attribute; empty if it has none."""
    data = event._data
    return str(data.get(key, "")) if isinstance(data, dict) else ""


def place(event: gr.EventData, key: str) -> int:
    """Return the button's `data-KEY` attribute as an offset; 0 if it is not a number."""
    digits = told(event, key)
    return int(digits) if digits.isdecimal() and len(digits) < 12 else 0
