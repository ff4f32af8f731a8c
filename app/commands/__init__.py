"""The commands' work; ``app/command_line.py`` reads the words, ``app/cli.py`` shows the errors."""
