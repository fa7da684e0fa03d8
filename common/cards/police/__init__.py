"""What both driving licences share, the card and the application on a My Number card: objects, signature, whom to believe. Pure."""
