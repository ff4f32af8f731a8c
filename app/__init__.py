"""The app: from a camera or a video to labelled pictures, tables and a virtual camera; never imports ``training``."""
