"""The bench: ratios against a bare Flask view measured in the same run, never a timed test."""
