"""What every room may import: paths, errors, YAML content, careful files, the widget base.

It imports nothing of the kit itself.
"""
