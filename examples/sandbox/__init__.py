"""What a sandbox needs beside the three programs."""
