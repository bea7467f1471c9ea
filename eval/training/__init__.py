"""Fits and teaches what ships: centres, lexicon, reader, and the thresholds of the relevance check."""
