"""From a user's files to the list of examples, their targets and their tensors."""
