"""What a trained model looks at: attributions of each letter, and how far to trust them."""
