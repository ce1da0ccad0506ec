"""One file for each host that calls a grader as its reward."""
