"""What was made of the notes, on disk: passages, vectors and search terms.

In: documents. Out: passages by id, and the ids nearest to a question.
It does not know how an answer is judged or written.
"""
