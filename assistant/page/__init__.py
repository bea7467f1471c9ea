"""The page in the browser: conversation, notes, figures and models.

In: an assistant and what a reader does. Out: HTML.
It does not know how an answer comes about.
"""
