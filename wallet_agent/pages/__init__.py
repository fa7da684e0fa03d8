"""The wallet's pages: templates, texts, and the views that turn what the vault holds into what a person reads. Views decide nothing."""
