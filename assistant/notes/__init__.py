"""Finds note files on disk and reads them into documents.

In: folders, files, and their bytes. Out: documents, or the reason why a file is not a note.
It does not know passages, vectors or the index.
"""
