"""What asking a judge takes: the messages, the sampling, and reading the verdict."""
