"""The questions that are asked, and data sets of other people in their own formats."""
