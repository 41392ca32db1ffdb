"""Egress policies of the platform, kept as data."""
