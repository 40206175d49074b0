"""The domain of the window. Works on the session it is given, never commits, and knows nothing of processes or of the web."""
