"""What a button of the page says with its event."""

import gradio as gr


def told(event: gr.EventData, key: str) -> str:
    """Return what the chosen button carries as `data-KEY`; nothing if it carries no such thing."""
    data = event._data
    return str(data.get(key, "")) if isinstance(data, dict) else ""


def place(event: gr.EventData, key: str) -> int:
    """Return the offset that the chosen button carries; 0 for what is none."""
    digits = told(event, key)
    return int(digits) if digits.isdecimal() and len(digits) < 12 else 0
