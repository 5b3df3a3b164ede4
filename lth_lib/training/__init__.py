"""One training of one ticket, all replicates together."""
