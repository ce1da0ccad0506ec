"""Numba loops over arrays, nothing else. Each file stands alone and has its twin in the tests."""
