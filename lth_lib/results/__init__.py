"""Make runs exist, here or on many machines, and keep them under the digest of what made them."""
