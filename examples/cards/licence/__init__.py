"""What driving licences are made of: text in JIS X 0208, dates, holders, files. The cards: ``driving_licence``, ``mynumber_licence``."""
