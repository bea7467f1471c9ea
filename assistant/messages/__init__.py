"""Every sentence that a person or a language model reads from us, in Korean and in English.

In: a language and what is to be filled in. Out: text.
It does not know who says it or when.
"""
