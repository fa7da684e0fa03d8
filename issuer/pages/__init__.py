"""The issuer's pages: templates, texts, and the views that turn rows into what a person reads. Views decide nothing."""
