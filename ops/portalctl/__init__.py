"""What stands behind ./portal: it brings the real services up, and down again.

It runs on the system's Python with the standard library alone, because it is what
installs everything else.
"""
