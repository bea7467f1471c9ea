"""All messages and prompts, in Korean and in English: what people and language models read from us.

In: a key, a language, and values for the slots. Out: text.
It does not know where a message is used.
"""
