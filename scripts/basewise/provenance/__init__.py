"""What a run was made from, and how to make it again."""
