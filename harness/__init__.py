"""What tests and benchmarks share: real processes, tiny models with random weights, the table of requests."""
