"""The operator's pages: templates, texts, and the views that turn a verdict's tree into what a person reads. Views decide nothing."""
