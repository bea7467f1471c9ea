"""Files on disk and what is read of them.

In: folders, and files' bytes. Out: documents, or the reason why a file gives none.
It does not know passages, vectors or the index.
"""
