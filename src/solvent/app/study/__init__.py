"""What a feature study computes: lines of features, themes, cuts; the notebook that repeats it."""
