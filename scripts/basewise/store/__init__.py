"""The files that one stage hands to the next, each with its writer and its reader."""
