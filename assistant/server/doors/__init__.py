"""The doors, one module for each interface to other programs: our HTTP API, OpenAI's API, and MCP.

In: requests in that interface's form. Out: answers in the same form.
They do not know who may come in, or who waits for whom.
"""
