"""What is near the machine: compiling, vectors of eight numbers, threads. README.md explains it."""
