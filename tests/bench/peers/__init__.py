"""Other people's implementations, measured in the same run. They are installed into a scratch folder and never needed otherwise."""
