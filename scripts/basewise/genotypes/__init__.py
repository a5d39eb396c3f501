"""Genotypes of individuals at markers: their formats, filters, and who is related to whom."""
