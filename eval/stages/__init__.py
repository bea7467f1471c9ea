"""The stages of the evaluation, one module for each thing that is measured.

In: questions and an assistant. Out: figures with the values of each case.
They do not know how figures are shown.
"""
