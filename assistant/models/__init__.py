"""Models: which there are, how their files come to this machine, and how they are run.

In: a name and the settings; then texts. Out: files; vectors, logits and written text.
It does not know notes or what an answer is.
"""
