"""Host API for wafer-scale programs, served by the wafer binary.

The names in this package are those that public host programs import. All work
is done by a child process; this package only turns numpy arrays into packets.
"""
