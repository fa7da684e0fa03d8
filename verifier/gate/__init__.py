"""A gate that lets people in with no network: it decides, keeps a journal, and exchanges it with others when there is a link."""
