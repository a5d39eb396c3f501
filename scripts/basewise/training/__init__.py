"""Training of networks: batches, losses, epochs, devices, searches, ensembles."""
