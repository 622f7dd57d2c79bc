"""The one kind of error that a user can make and mend."""


class UserError(Exception):
    """A mistake in a configuration or a file.

    The message is one line that names the key or the file, what was found, and what is allowed. The command line
    prints it without a traceback and exits with code 1.
    """
