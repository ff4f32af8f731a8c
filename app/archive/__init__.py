"""Many files into one data set: listed, read by several workers, long ones in parts, and gone on with after a stop."""
