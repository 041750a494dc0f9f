"""What Sillon believes, measured against labelled data that it was not made from."""
