"""The questions and notes of the evaluation, our own and other people's.

In: data files. Out: questions, notes and judgements as values.
It does not know how anything is measured.
"""
