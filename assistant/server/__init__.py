"""Lets others ask: who may come in, who waits for whom, and the doors for other programs.

In: requests over HTTP or stdin. Out: answers as JSON, one at a time.
It does not know the page.
"""
