"""Process entry points: which workflows and steps run where, and nothing else."""
