"""Pictures of a network and of what it does with a face, as arrays: TensorBoard and the report show the same ones."""
