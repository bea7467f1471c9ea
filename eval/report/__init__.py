"""A run on disk, and how it is shown: tables, comparisons, and one HTML page."""
