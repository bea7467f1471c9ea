"""The page in the browser, made with Gradio, with four rooms: conversation, notes, quality and models.

In: an assistant, the queue, and the reader's clicks and texts. Out: HTML, and files in the notes folder.
It does not know how an answer is made.
"""
