"""The cardholder data environment."""
