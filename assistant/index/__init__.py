"""Keeps the notes as passages with vectors and search terms in a local store, and finds passages in it.

In: note files and an embedding model; then vectors and terms to look for. Out: passages by id, with scores.
It does not know how passages are judged or how an answer is written.
"""
