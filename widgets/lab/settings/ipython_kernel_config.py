# A kernel writes at each start that its traffic on 127.0.0.1 is not encrypted. In a notebook that
# starts kernels of its own this would stand in the output. Errors are still shown.
c.IPKernelApp.log_level = 40  # noqa: F821
