"""The commands' work; ``app/cli.py`` reads the words and shows the errors."""
