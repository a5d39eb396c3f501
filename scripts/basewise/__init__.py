"""basewise: deep learning on DNA and genotypes, as plain functions on arrays and tables.

Importing the package is light: Keras and TensorFlow load only with the modules that need them
(`architectures`, `training`).
"""

__version__ = "0.1.0"
