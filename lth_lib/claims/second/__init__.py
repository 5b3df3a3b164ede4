"""The second edition of the rules, written before the studies that it judges were run."""
