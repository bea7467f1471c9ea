"""Serves the assistant: access control, the queue of turns, and the doors (APIs) for other programs.

In: requests over HTTP or stdin. Out: answers, one at a time, as JSON or MCP results.
It does not know the page.
"""
