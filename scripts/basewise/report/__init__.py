"""The report: one HTML file, its verdicts and warnings, the methods text."""
