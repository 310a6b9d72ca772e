"""The HTTP face: requests in, jobs and datasets out."""
