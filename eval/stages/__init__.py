"""One file for each thing that is measured: what is asked of the assistant and what its figures are."""
