"""Reading what somebody else wrote: the bytes of a file, the rows of a CSV, the parts of a zip, each within limits."""
