"""What text metrics need outside the kernels: words, stems, WordNet, and the plain path."""
