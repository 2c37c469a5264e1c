"""Compiling, vectors of eight numbers and threads, without neural nets; README.md explains them."""
